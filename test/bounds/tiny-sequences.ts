import type { RecordedSegment, TraceIteration, TraceNode } from "../../src/core/iteration.ts";
import { randomInt, type Rng } from "../../src/core/rng.ts";

/** What a random sequence may contain. */
export interface TinyOptions {
  readonly nodes: number;
  readonly versions: number;
  /** Highest cost and size; small ones give many ties. */
  readonly high: number;
  readonly segments?: boolean;
  /** Costs and sizes differ from line to line. */
  readonly varying?: boolean;
}

/** A random workflow under random edits: no equal nodes, outputs are the sinks or declared. */
export function tinySequence(rng: Rng, options: TinyOptions): TraceIteration[] {
  const { nodes: n, versions, high } = options;
  const parents = Array.from({ length: n }, (_, i) =>
    Array.from({ length: i }, (_, p) => p).filter(() => rng() < (i < 2 ? 0.7 : 0.45)),
  );
  const declared = rng() < 0.4 ? randomInt(rng, 0, n - 1) : -1;
  const volatile = rng() < 0.15 ? randomInt(rng, 0, n - 1) : -1;
  const draw = (): Pick<TraceNode, "computeUs" | "sizeBytes" | "loadUs" | "writeUs"> => ({
    computeUs: randomInt(rng, 0, high),
    sizeBytes: randomInt(rng, 0, 5),
    loadUs: randomInt(rng, 0, Math.ceil(high / 2)),
    writeUs: randomInt(rng, 0, Math.ceil(high / 4)),
  });
  const costs = Array.from({ length: n }, draw);
  const edits = new Int32Array(n);
  const earlier: Int32Array[] = [];
  return Array.from({ length: versions }, (_, t): TraceIteration => {
    const back = earlier[randomInt(rng, 0, Math.max(0, earlier.length - 1))];
    if (t > 0 && rng() < 0.2 && back !== undefined) edits.set(back);
    else if (t > 0) edits[randomInt(rng, 0, n - 1)] = t;
    earlier.push(edits.slice());
    const signatures: string[] = [];
    const nodes = parents.map((list, i): TraceNode => {
      signatures.push(`${i}.${edits[i]}(${list.map((p) => signatures[p]).join(",")})`);
      return {
        id: `n${i}`,
        op: `op${i}`,
        signature: signatures[i]!,
        parents: list.map((p) => `n${p}`),
        ...(options.varying === true && rng() < 0.4 ? draw() : costs[i]!),
        ...(i === declared ? { output: true } : {}),
        ...(i === volatile ? { deterministic: false } : {}),
      };
    });
    const base: TraceIteration = { iteration: t, changeType: t === 0 ? "initial" : "dpr", nodes };
    if (options.segments !== true) return base;
    // Disjoint runs of nodes that follow each other.
    const segments: RecordedSegment[] = [];
    for (let from = 0; from < n;) {
      const to = Math.min(n, from + randomInt(rng, 1, 3));
      const inside = nodes.slice(from, to);
      const wholeUs = inside.reduce((sum, { computeUs }) => sum + computeUs, 0);
      if (rng() < 0.7)
        segments.push({ nodes: inside.map(({ id }) => id), fusedUs: Math.floor(wholeUs * (0.3 + rng())) });
      from = to;
    }
    return { ...base, segments };
  });
}

/**
 * Least cost of a sequence by trying everything, written without any code of the bounds: per version every state of every
 * node, after it every set of results at hand that fits, remembered by what is stored and with which size.
 */
export function exhaustiveOptimumUs(
  iterations: readonly TraceIteration[],
  budgetBytes: number,
  options: { readonly sources?: boolean; readonly segments?: boolean } = {},
): number {
  let layer = new Map<string, { store: ReadonlyMap<string, number>; us: number }>([["", { store: new Map(), us: 0 }]]);
  for (const iteration of iterations) {
    const next = new Map<string, { store: ReadonlyMap<string, number>; us: number }>();
    const offer = (store: ReadonlyMap<string, number>, us: number): void => {
      const key = [...store]
        .map(([signature, bytes]) => `${signature}=${bytes}`)
        .toSorted()
        .join(";");
      const known = next.get(key);
      if (known === undefined || us < known.us) next.set(key, { store, us });
    };
    for (const { store, us } of layer.values())
      for (const states of everyPlan(iteration, store, options)) {
        const { nodes } = iteration;
        let planUs = 0;
        nodes.forEach((node, i) => (planUs += states[i] === 1 ? node.computeUs : states[i] === 2 ? node.loadUs! : 0));
        const fresh = nodes.filter((_, i) => states[i] === 1 && isStorable(iteration, i, options));
        const choices = [
          ...store.keys(),
          ...fresh.filter(({ signature }) => !store.has(signature)).map((x) => x.signature),
        ];
        // Each choice is dropped or kept; what is stored is not written again.
        for (let mask = 0; mask < 1 << choices.length; mask++) {
          const kept = new Map<string, number>();
          const written = new Set<string>();
          let totalUs = us + planUs;
          let bytes = 0;
          choices.forEach((signature, k) => {
            if ((mask & (1 << k)) === 0) return;
            const node = fresh.find((x) => x.signature === signature);
            const old = store.get(signature);
            if (old === undefined) {
              totalUs += node!.writeUs!;
              written.add(signature);
            }
            const size = old ?? node!.sizeBytes;
            kept.set(signature, size);
            bytes += size;
          });
          if (bytes > budgetBytes) continue;
          if (options.segments === true) totalUs -= discountUs(iteration, states, written);
          offer(kept, totalUs);
        }
      }
    layer = next;
  }
  return Math.min(...[...layer.values()].map(({ us }) => us));
}

function isVolatile({ nodes }: TraceIteration, i: number): boolean {
  const node = nodes[i]!;
  if (node.deterministic === false) return true;
  return node.parents.some((parent) =>
    isVolatile(
      { nodes } as TraceIteration,
      nodes.findIndex(({ id }) => id === parent),
    ),
  );
}

function isStorable(iteration: TraceIteration, i: number, options: { readonly sources?: boolean }): boolean {
  return (options.sources === true || iteration.nodes[i]!.parents.length > 0) && !isVolatile(iteration, i);
}

/** All legal states; nodes that reach no output stay pruned. */
function* everyPlan(
  iteration: TraceIteration,
  store: ReadonlyMap<string, number>,
  options: { readonly sources?: boolean },
): Generator<readonly number[]> {
  const { nodes } = iteration;
  const n = nodes.length;
  const anyDeclared = nodes.some(({ output }) => output === true);
  const isOutput = nodes.map(({ id, output }) =>
    anyDeclared ? output === true : !nodes.some(({ parents }) => parents.includes(id)),
  );
  const isNeeded = [...isOutput];
  for (let i = n - 1; i >= 0; i--)
    if (isNeeded[i] === true)
      for (const parent of nodes[i]!.parents) isNeeded[nodes.findIndex(({ id }) => id === parent)] = true;
  for (let code = 0; code < 3 ** n; code++) {
    const states = nodes.map((_, i) => Math.floor(code / 3 ** i) % 3);
    const isLegal = nodes.every((node, i) => {
      if (isOutput[i] === true && states[i] === 0) return false;
      if (isNeeded[i] === false && states[i] !== 0) return false;
      if (states[i] === 2) return store.has(node.signature) && isStorable(iteration, i, options);
      return (
        states[i] === 0 || node.parents.every((parent) => states[nodes.findIndex(({ id }) => id === parent)] !== 0)
      );
    });
    if (isLegal) yield states;
  }
}

function discountUs(
  { nodes, segments }: TraceIteration,
  states: readonly number[],
  written: ReadonlySet<string>,
): number {
  let sum = 0;
  for (const { nodes: ids, fusedUs } of segments ?? []) {
    const inside = ids.map((id) => nodes.findIndex((node) => node.id === id));
    const isWhole = inside.every(
      (i, k) => states[i] === 1 && (k === inside.length - 1 || !written.has(nodes[i]!.signature)),
    );
    if (isWhole) sum += inside.reduce((us, i) => us + nodes[i]!.computeUs, 0) - fusedUs;
  }
  return sum;
}
