/** Grows DAGs straight into the arrays planners take: a node is added after its parents, so ids are topological. */
import type { ReuseProblem } from "../../core/problem.ts";
import { randomInt, type Rng } from "../../core/rng.ts";

/** A bare DAG: structure without costs. */
export interface Dag {
  readonly nodeCount: number;
  /** Shape (n+1), as in {@link ReuseProblem}. */
  readonly parentOffsets: Int32Array;
  readonly parentIds: Int32Array;
}

/** Collects nodes; `add` returns the new id. */
export class DagBuilder {
  readonly #offsets: number[] = [0];
  readonly #parents: number[] = [];

  get nodeCount(): number {
    return this.#offsets.length - 1;
  }

  /** Adds a node below `parents`, which must exist and differ from each other; returns its id. */
  add(parents: readonly number[]): number {
    for (const p of parents) this.#parents.push(p);
    this.#offsets.push(this.#parents.length);
    return this.#offsets.length - 2;
  }

  build(): Dag {
    return {
      nodeCount: this.nodeCount,
      parentOffsets: Int32Array.from(this.#offsets),
      parentIds: Int32Array.from(this.#parents),
    };
  }
}

/** How costs are drawn and what is asked for. */
export interface CostKnobs {
  /** Share of nodes that are stored, 0 … 1. */
  readonly storedShare: number;
  /** Median load cost ÷ median compute cost. */
  readonly loadScale: number;
  /** Spread of both: σ of the logarithm. */
  readonly sigma: number;
  /** `leaves`: every node without children is an output; `few`: about four random leaves; `one`: a single random leaf. */
  readonly query: "leaves" | "few" | "one";
}

/** Median compute cost in microseconds. */
const medianUs = 1_000;

/** Gives a DAG lognormal integer costs and outputs. Deterministic in `rng`. O(V + E). */
export function withCosts(dag: Dag, rng: Rng, knobs: CostKnobs): ReuseProblem {
  const { nodeCount: n, parentOffsets, parentIds } = dag;
  const computeUs = new Float64Array(n);
  const loadUs = new Float64Array(n);
  for (let v = 0; v < n; v++) {
    computeUs[v] = Math.ceil(medianUs * Math.exp(knobs.sigma * randomNormal(rng)));
    const stored = rng() < knobs.storedShare;
    const us = Math.ceil(medianUs * knobs.loadScale * Math.exp(knobs.sigma * randomNormal(rng)));
    loadUs[v] = stored ? us : Number.POSITIVE_INFINITY;
  }
  return { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs: drawOutputs(dag, rng, knobs.query) };
}

/** Ids of the nodes without children, ascending. O(V + E). */
export function leavesOf(dag: Dag): Int32Array {
  const hasChild = new Uint8Array(dag.nodeCount);
  for (const p of dag.parentIds) hasChild[p] = 1;
  return Int32Array.from(hasChild.keys()).filter((v) => hasChild[v] === 0);
}

/** Picks outputs among the leaves. */
export function drawOutputs(dag: Dag, rng: Rng, query: CostKnobs["query"]): Int32Array {
  const leaves = leavesOf(dag);
  if (query === "leaves") return leaves;
  const wanted = query === "one" ? 1 : Math.min(leaves.length, randomInt(rng, 2, 6));
  const chosen = new Set<number>();
  while (chosen.size < wanted) chosen.add(leaves[randomInt(rng, 0, leaves.length - 1)]!);
  return Int32Array.from(chosen);
}

/** A standard normal deviate (Box and Muller). */
export function randomNormal(rng: Rng): number {
  const radius = Math.sqrt(-2 * Math.log(1 - rng()));
  return radius * Math.cos(2 * Math.PI * rng());
}

/** Takes a random element out of a list without keeping its order. */
export function takeRandom(rng: Rng, list: number[]): number {
  const at = randomInt(rng, 0, list.length - 1);
  const taken = list[at]!;
  list[at] = list.at(-1)!;
  list.pop();
  return taken;
}
