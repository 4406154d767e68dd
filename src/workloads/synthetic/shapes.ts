/** DAG shapes by name; each takes a wanted size and a random stream and returns structure only. */
import { randomInt, randomPick, randomWeighted, type Rng } from "../../core/rng.ts";
import { DagBuilder, takeRandom, type Dag } from "./dag-builder.ts";

/** In- and out-degrees of the example graph of the Collaborative Optimizer's release (139 nodes, 149 edges), as counts. */
export const collabDegrees = { in: [7, 116, 15, 1], out: [32, 86, 3, 15, 4] } as const;

/**
 * The example graph's degrees, all of them: every node draws an out-degree (0 makes a leaf) and an in-degree (0 makes a
 * root) and takes its parents among the free places left by earlier nodes, the recent ones first.
 */
export function collabDag(rng: Rng, nodes: number): Dag {
  const dag = new DagBuilder();
  const free: number[] = []; // one entry per child a node may still get
  while (dag.nodeCount < nodes) {
    const parents: number[] = [];
    for (let d = randomWeighted(rng, collabDegrees.in); d > 0 && free.length > 0; d--) {
      const p = takeRandom(rng, free);
      if (!parents.includes(p)) parents.push(p);
    }
    const v = dag.add(parents);
    for (let k = randomWeighted(rng, collabDegrees.out); k > 0; k--) free.push(v);
  }
  return dag.build();
}

/**
 * Like {@link collabDag} with a wanted share of joins: such a node takes one free place, as the others do, and one or two more
 * parents among the last 50 nodes, whether or not they have a place left.
 */
export function collabJoinsDag(rng: Rng, nodes: number, joins: number): Dag {
  const dag = new DagBuilder();
  const [roots, ones, twos, threes] = collabDegrees.in;
  const free: number[] = [];
  while (dag.nodeCount < nodes) {
    const parents = new Set<number>();
    const isJoin = dag.nodeCount > 2 && rng() < joins;
    if ((isJoin || rng() * (roots + ones) >= roots) && free.length > 0) parents.add(takeRandom(rng, free));
    if (isJoin) {
      const wanted = rng() * (twos + threes) < twos ? 2 : 3;
      while (parents.size < wanted) parents.add(randomInt(rng, Math.max(0, dag.nodeCount - 50), dag.nodeCount - 1));
    }
    const v = dag.add([...parents]);
    for (let k = randomWeighted(rng, collabDegrees.out); k > 0; k--) free.push(v);
  }
  return dag.build();
}

/**
 * The growth of the released generator: a random leaf gets children (0 drawn means 1), and now and then several leaves are
 * joined in a new node. One root; `steps` expansions make about 1.4 × steps nodes.
 */
export function collabReleasedDag(rng: Rng, steps: number): Dag {
  const dag = new DagBuilder();
  const leaves = [dag.add([])];
  for (let k = 0; k < steps; k++) {
    const leaf = takeRandom(rng, leaves);
    for (let children = Math.max(1, randomWeighted(rng, collabDegrees.out)); children > 0; children--)
      leaves.push(dag.add([leaf]));
    const d = randomWeighted(rng, collabDegrees.in);
    if (d <= 1 || d > leaves.length) continue;
    const joined: number[] = [];
    for (let j = 0; j < d; j++) joined.push(takeRandom(rng, leaves));
    leaves.push(dag.add(joined));
  }
  return dag.build();
}

/** Kaggle scripts: few sources, wide fans of column operations on a frame, gathered again, several models at the end. */
export function kaggleDag(rng: Rng, nodes: number): Dag {
  const dag = new DagBuilder();
  const frames = Array.from({ length: randomInt(rng, 1, 9) }, () => dag.add([]));
  while (dag.nodeCount < nodes) {
    const at = randomInt(rng, 0, frames.length - 1);
    const frame = frames[at]!;
    const roll = rng();
    if (roll < 0.45) {
      const columns: number[] = [];
      for (let width = randomInt(rng, 2, 24); width > 0; width--) {
        let v = dag.add([frame]);
        for (let depth = randomInt(rng, 0, 2); depth > 0; depth--) v = dag.add([v]);
        columns.push(v);
      }
      frames[at] = dag.add([frame, ...columns]);
    } else if (roll < 0.65 && frames.length > 1) {
      const other = randomPick(rng, frames);
      if (other !== frame) frames[at] = dag.add([frame, other]);
    } else if (roll < 0.9) frames[at] = dag.add([frame]);
    else {
      const model = dag.add([frame]);
      dag.add([model, frame]); // evaluation
    }
  }
  return dag.build();
}

/** Column pipelines × cross-validation folds × models, an evaluation each, one comparison at the end. */
export function mlPipelineDag(rng: Rng, nodes: number): Dag {
  const dag = new DagBuilder();
  const table = dag.add([]);
  while (dag.nodeCount < nodes) {
    const columns: number[] = [];
    for (let k = randomInt(rng, 4, 20); k > 0; k--) {
      let v = dag.add([table]);
      for (let depth = randomInt(rng, 0, 3); depth > 0; depth--) v = dag.add([v]);
      columns.push(v);
    }
    const features = dag.add(columns);
    const scores: number[] = [];
    const folds = randomInt(rng, 3, 10);
    const models = randomInt(rng, 1, 6);
    for (let f = 0; f < folds; f++) {
      const train = dag.add([features]);
      const test = dag.add([features]);
      for (let m = 0; m < models; m++) scores.push(dag.add([dag.add([train]), test]));
    }
    dag.add(scores);
  }
  return dag.build();
}

/** Random series-parallel graphs: an arc is replaced by two in a row or by two side by side, again and again. */
export function seriesParallelDag(rng: Rng, nodes: number): Dag {
  const from = [0];
  const to = [1];
  let count = 2;
  while (count < nodes) {
    const e = randomInt(rng, 0, from.length - 1);
    const middle = count++;
    const parallel = rng() < 0.5;
    from.push(middle);
    to.push(to[e]!);
    if (parallel) {
      from.push(from[e]!);
      to.push(middle);
    } else to[e] = middle;
  }
  return renumber(count, from, to);
}

/** `layers` layers of equal width; a node has 1 … `maxParents` random parents in the layer before. */
export function layeredDag(rng: Rng, nodes: number, layers: number, maxParents: number): Dag {
  const dag = new DagBuilder();
  const width = Math.max(1, Math.round(nodes / layers));
  for (let layer = 0; layer < layers; layer++) {
    for (let k = 0; k < width; k++) {
      const parents = new Set<number>();
      if (layer > 0)
        for (let d = randomInt(rng, 1, maxParents); d > 0; d--)
          parents.add((layer - 1) * width + randomInt(rng, 0, width - 1));
      dag.add([...parents]);
    }
  }
  return dag.build();
}

/** Chained diamonds of two to four arms; the linear pass counts double at each. */
export function diamondDag(rng: Rng, nodes: number): Dag {
  const dag = new DagBuilder();
  let last = dag.add([]);
  while (dag.nodeCount < nodes) {
    const arms: number[] = [];
    for (let k = randomInt(rng, 2, 4); k > 0; k--) arms.push(dag.add([last]));
    last = dag.add(arms);
  }
  return dag.build();
}

/** One path. */
export function chainDag(_rng: Rng, nodes: number): Dag {
  const dag = new DagBuilder();
  for (let v = 0; v < nodes; v++) dag.add(v === 0 ? [] : [v - 1]);
  return dag.build();
}

/** Every node has at most one child; the last node is the only sink. */
export function inTreeDag(rng: Rng, nodes: number): Dag {
  const dag = new DagBuilder();
  const open: number[] = [];
  while (dag.nodeCount < nodes - 1) {
    const parents: number[] = [];
    for (let d = Math.min(open.length, randomInt(rng, 0, 3)); d > 0; d--) parents.push(takeRandom(rng, open));
    open.push(dag.add(parents));
  }
  dag.add(open);
  return dag.build();
}

/** Every node but the root has one random parent. */
export function outTreeDag(rng: Rng, nodes: number): Dag {
  const dag = new DagBuilder();
  for (let v = 0; v < nodes; v++) dag.add(v === 0 ? [] : [randomInt(rng, Math.max(0, v - 200), v - 1)]);
  return dag.build();
}

/** Sorts an arc list topologically (all nodes lie on paths from 0 to 1) and drops repeated arcs. */
function renumber(count: number, from: readonly number[], to: readonly number[]): Dag {
  const children: number[][] = Array.from({ length: count }, () => []);
  const waiting = new Int32Array(count);
  for (const [e, u] of from.entries()) {
    children[u]!.push(to[e]!);
    waiting[to[e]!]!++;
  }
  const parents: number[][] = Array.from({ length: count }, () => []);
  const id = new Int32Array(count);
  const dag = new DagBuilder();
  const ready = [0];
  while (ready.length > 0) {
    const u = ready.pop()!;
    id[u] = dag.add([...new Set(parents[u])]);
    for (const v of children[u]!) {
      parents[v]!.push(id[u]);
      if (--waiting[v]! === 0) ready.push(v);
    }
  }
  return dag.build();
}
