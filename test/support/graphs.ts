/** Tiny named graphs, drawn; parents stand left of or above their children, (c / l) beside each node. */
import { buildProblem, type NamedProblem } from "../../src/core/problem.ts";

type Row = readonly [id: string, parents: readonly string[], computeUs: number, loadUs?: number];

/** Builds a problem from rows `[id, parents, computeUs, loadUs?]`. */
export function problemOf(rows: readonly Row[], outputs: readonly string[]): NamedProblem {
  return buildProblem(
    rows.map(([id, parents, computeUs, loadUs]) => ({ id, parents, computeUs, loadUs: loadUs ?? null })),
    outputs,
  );
}

/**
 * ```
 * s(0) ── a(10) ──┬── b(1) ──┬── d(1 / 15)
 *                 └── c(1) ──┘
 * ```
 * Recomputing d costs 13; the linear pass sees 23 and loads for 15.
 */
export const sharedParent = (): NamedProblem =>
  problemOf(
    [
      ["s", [], 0],
      ["a", ["s"], 10],
      ["b", ["a"], 1],
      ["c", ["a"], 1],
      ["d", ["b", "c"], 1, 15],
    ],
    ["d"],
  );

/**
 * ```
 * a(10) ──┬── b(1 / 7) ──┬── d(2)
 *         └── c(1 / 7) ──┘
 * ```
 * Optimum 14 (compute all), linear pass 16 (load b and c).
 */
export const storedMiddle = (): NamedProblem =>
  problemOf(
    [
      ["a", [], 10],
      ["b", ["a"], 1, 7],
      ["c", ["a"], 1, 7],
      ["d", ["b", "c"], 2],
    ],
    ["d"],
  );

/**
 * ```
 * a(10) ──┬── b(0 / 6)
 *         └── c(0 / 6)
 * ```
 * An out-tree with outputs b and c: optimum 10, linear pass 12.
 */
export const outTree = (): NamedProblem =>
  problemOf(
    [
      ["a", [], 10],
      ["b", ["a"], 0, 6],
      ["c", ["a"], 0, 6],
    ],
    ["b", "c"],
  );

/** `a(10) ── b(1 / 5)`, both outputs: a is there anyway, so b costs 1; optimum 11, linear pass 15. */
export const outputWithChild = (): NamedProblem =>
  problemOf(
    [
      ["a", [], 10],
      ["b", ["a"], 1, 5],
    ],
    ["a", "b"],
  );

/** The example of the problem format: `a(10) ── b(5 / 3)`; the plan is to load b for 3. */
export const formatExample = (): NamedProblem =>
  problemOf(
    [
      ["a", [], 10],
      ["b", ["a"], 5, 3],
    ],
    ["b"],
  );

/** A chain of `length` nodes, each (1 / not stored) but the first (5 / 2); the output is the last. Typed arrays only. */
export function longChain(length: number): NamedProblem["problem"] {
  const parentOffsets = new Int32Array(length + 1);
  const parentIds = new Int32Array(length - 1);
  for (let v = 1; v < length; v++) {
    parentOffsets[v + 1] = v;
    parentIds[v - 1] = v - 1;
  }
  const loadUs = new Float64Array(length).fill(Number.POSITIVE_INFINITY);
  loadUs[0] = 2;
  const computeUs = new Float64Array(length).fill(1);
  computeUs[0] = 5;
  return { nodeCount: length, parentOffsets, parentIds, computeUs, loadUs, outputs: Int32Array.of(length - 1) };
}
