/**
 * Layered drawing of a workflow: every edge points down, layers are of bounded width, long edges run through the gaps.
 *
 * Source: Sugiyama, Tagawa & Toda 1981 (layers, dummy vertices, barycenter sweeps); positions in a layer by isotonic
 * regression (pool adjacent violators).
 * Departures: layers are filled greedily in listed order up to the width (no Coffman–Graham labels, so that a version and
 * the next one look alike); long edges of one node share a trunk of dummy vertices.
 */

/** Where a node stands: `x` in node widths from the left edge (centre of the node), `layer` from 0 at the top. */
export interface Place {
  readonly x: number;
  readonly layer: number;
}

/** An edge: positions of parent and child, and the points between them, one per layer crossed. */
export interface Route {
  readonly from: number;
  readonly to: number;
  readonly via: readonly Place[];
}

/** A drawing. `width` in node widths, gaps included. */
export interface Layout {
  readonly places: readonly Place[];
  readonly routes: readonly Route[];
  readonly width: number;
  readonly layerCount: number;
}

/** Width a trunk takes, in node widths. */
const passage = 0.14;

const sweeps = 12;

/**
 * Places nodes. Deterministic; O((V + E) · sweeps) apart from sorting.
 * @param parents positions of each node's parents, smaller than its own; shape (n)
 * @param maxWidth most nodes in a layer, at least 1
 */
export function layoutLayers(parents: readonly (readonly number[])[], maxWidth: number): Layout {
  const count = parents.length;
  const layerOf = assignLayers(parents, Math.max(1, maxWidth));
  const layerCount = count === 0 ? 0 : Math.max(...layerOf) + 1;

  // Vertices: the nodes, then the dummies. A long edge runs in the trunk of its parent or of its child, whichever has more of them.
  const vertexLayer = [...layerOf];
  const longEdges = new Int32Array(count);
  for (const [child, own] of parents.entries())
    for (const parent of own)
      if (layerOf[child]! - layerOf[parent]! > 1) {
        longEdges[child]!++;
        longEdges[parent]!++;
      }
  const trunks = new Map<string, number>();
  const passing = (parent: number, child: number): readonly number[] => {
    const owner = longEdges[child]! > longEdges[parent]! ? child : parent;
    const path: number[] = [];
    for (let layer = layerOf[parent]! + 1; layer < layerOf[child]!; layer++) {
      const key = `${owner === child ? "to" : "from"} ${owner} ${layer}`;
      const dummy = trunks.get(key) ?? vertexLayer.push(layer) - 1;
      trunks.set(key, dummy);
      path.push(dummy);
    }
    return path;
  };
  const edges = parents.flatMap((own, to) => own.map((from) => ({ from, to, path: passing(from, to) })));
  const up = vertexLayer.map((): number[] => []);
  const down = vertexLayer.map((): number[] => []);
  for (const { from, to, path } of edges) {
    let above = from;
    for (const below of [...path, to]) {
      if (!down[above]!.includes(below)) {
        down[above]!.push(below);
        up[below]!.push(above);
      }
      above = below;
    }
  }

  const layers: number[][] = Array.from({ length: layerCount }, () => []);
  for (const [vertex, layer] of vertexLayer.entries()) layers[layer]!.push(vertex);
  order(layers, up, down);
  const x = position(layers, up, down, (vertex) => (vertex < count ? 1 : passage));

  const place = (vertex: number): Place => ({ x: x[vertex]!, layer: vertexLayer[vertex]! });
  let width = 0;
  for (let node = 0; node < count; node++) width = Math.max(width, x[node]! + 0.5);
  for (let vertex = count; vertex < x.length; vertex++) width = Math.max(width, x[vertex]! + passage / 2);
  return {
    places: Array.from({ length: count }, (_, node) => place(node)),
    routes: edges.map(({ from, to, path }) => ({ from, to, via: path.map(place) })),
    width,
    layerCount,
  };
}

/** Layer of each node: below all parents, in the first layer with room; then moved down to its children if it feeds more than it takes. */
function assignLayers(parents: readonly (readonly number[])[], maxWidth: number): number[] {
  const layerOf: number[] = [];
  const filled: number[] = [];
  for (const own of parents) {
    let layer = 0;
    for (const parent of own) layer = Math.max(layer, layerOf[parent]! + 1);
    while ((filled[layer] ?? 0) >= maxWidth) layer++;
    layerOf.push(layer);
    while (filled.length <= layer) filled.push(0);
    filled[layer]!++;
  }
  const nearest = parents.map(() => Number.POSITIVE_INFINITY);
  for (let node = parents.length - 1; node >= 0; node--) {
    const own = parents[node]!;
    const limit = nearest[node]! - 1;
    if (own.length === 0 && Number.isFinite(limit)) {
      let layer = limit;
      while (layer > layerOf[node]! && filled[layer]! >= maxWidth) layer--;
      filled[layerOf[node]!]!--;
      filled[layer]!++;
      layerOf[node] = layer;
    }
    for (const parent of own) nearest[parent] = Math.min(nearest[parent]!, layerOf[node]!);
  }
  // Layers that moving left empty are closed.
  const used = [...new Set(layerOf)].sort((a, b) => a - b);
  const rank = new Map(used.map((layer, i) => [layer, i] as const));
  return layerOf.map((layer) => rank.get(layer) ?? 0);
}

/** Orders each layer by the mean place of its neighbours, sweeping down and up; the order with fewest crossings wins. */
function order(layers: number[][], up: readonly number[][], down: readonly number[][]): void {
  const at: number[] = [];
  const note = (layer: readonly number[]): void => {
    for (const [i, vertex] of layer.entries()) at[vertex] = (i + 0.5) / layer.length;
  };
  layers.forEach(note);
  let best = layers.map((layer) => [...layer]);
  let fewest = crossings(layers, down);
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep++) {
    const isDown = sweep % 2 === 0;
    const sequence = isDown ? layers : [...layers].reverse();
    for (const layer of sequence) {
      const mean = new Map(layer.map((vertex) => [vertex, meanOf((isDown ? up : down)[vertex]!, at)] as const));
      layer.sort((a, b) => (mean.get(a) ?? at[a]!) - (mean.get(b) ?? at[b]!) || at[a]! - at[b]!);
      note(layer);
    }
    const now = crossings(layers, down);
    if (now < fewest) {
      fewest = now;
      best = layers.map((layer) => [...layer]);
    }
  }
  for (const [i, layer] of best.entries()) layers[i] = layer;
}

function meanOf(neighbours: readonly number[], at: readonly number[]): number | undefined {
  if (neighbours.length === 0) return undefined;
  let sum = 0;
  for (const neighbour of neighbours) sum += at[neighbour]!;
  return sum / neighbours.length;
}

/** Edges that cross, counted pair by pair between neighbouring layers; a layer with very many edges is skipped. */
export function crossings(layers: readonly (readonly number[])[], down: readonly (readonly number[])[]): number {
  let total = 0;
  for (let l = 0; l + 1 < layers.length; l++) {
    const place = new Map(layers[l + 1]!.map((vertex, i) => [vertex, i] as const));
    const edges = layers[l]!.flatMap((vertex, i) => down[vertex]!.map((child) => [i, place.get(child) ?? 0] as const));
    if (edges.length > 1500) continue;
    for (const [i, [a, b]] of edges.entries())
      for (let j = i + 1; j < edges.length; j++) {
        const [c, d] = edges[j]!;
        if ((a - c) * (b - d) < 0) total++;
      }
  }
  return total;
}

/** Positions within layers: near the mean of the neighbours, never closer than widths allow. */
function position(
  layers: readonly (readonly number[])[],
  up: readonly number[][],
  down: readonly number[][],
  widthOf: (vertex: number) => number,
): readonly number[] {
  const x: number[] = [];
  let room = 0;
  for (const layer of layers) {
    const total = layer.reduce((sum, vertex) => sum + widthOf(vertex), 0);
    room = Math.max(room, total);
    let left = -total / 2;
    for (const vertex of layer) {
      x[vertex] = left + widthOf(vertex) / 2;
      left += widthOf(vertex);
    }
  }
  for (let sweep = 0; sweep < sweeps; sweep++)
    for (const layer of sweep % 2 === 0 ? layers : [...layers].reverse()) {
      const wish = layer.map((vertex) => meanOf([...up[vertex]!, ...down[vertex]!], x) ?? x[vertex]!);
      for (const [i, value] of spread(wish, layer.map(widthOf), room).entries()) x[layer[i]!] = value;
    }
  let least = 0;
  for (const layer of layers) for (const vertex of layer) least = Math.min(least, x[vertex]! - widthOf(vertex) / 2);
  return x.map((value) => value - least);
}

/** Places nearest to the wishes (least squares) that keep their order, do not overlap and stay within ±room / 2. */
export function spread(wish: readonly number[], width: readonly number[], room: number): readonly number[] {
  const offset: number[] = [];
  for (let i = 0; i < width.length; i++) offset.push(i === 0 ? 0 : offset[i - 1]! + (width[i - 1]! + width[i]!) / 2);
  const blocks: { sum: number; count: number }[] = [];
  for (const [i, value] of wish.entries()) {
    let block = { sum: value - offset[i]!, count: 1 };
    for (
      let last = blocks.at(-1);
      last !== undefined && last.sum / last.count > block.sum / block.count;
      last = blocks.at(-1)
    ) {
      blocks.pop();
      block = { sum: last.sum + block.sum, count: last.count + block.count };
    }
    blocks.push(block);
  }
  const least = -room / 2 + (width[0] ?? 0) / 2;
  const most = Math.max(least, room / 2 - (width.at(-1) ?? 0) / 2 - (offset.at(-1) ?? 0));
  const places: number[] = [];
  for (const { sum, count } of blocks) {
    const shift = Math.min(Math.max(sum / count, least), most);
    for (let k = 0; k < count; k++) places.push(shift + offset[places.length]!);
  }
  return places;
}
