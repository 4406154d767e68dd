/**
 * Optimal reuse as a linear program: min Σ l·x + (c − l)·y with y ≤ x, y ≤ x of each parent, x = 1 for outputs
 * (x available, y computed; one variable where the node is not stored). The matrix is totally unimodular, so a vertex is
 * a plan.
 *
 * Source: the model of HELIX, PVLDB 2018, as a program; solver: javascript-lp-solver.
 * Departures: the solver is a floating-point simplex that takes reduced costs below 10^-8 for zero. Costs are scaled to at
 * most 10^6 for it, so those above 10^11 us are refused: a microsecond would come too near to that. Its answer is rounded to a
 * plan, and a plan whose exact cost is not the program's value is refused rather than returned.
 */
import lpSolver from "javascript-lp-solver";
import { TooLargeError } from "../../core/errors.ts";
import { COMPUTE, LOAD, planCostUs } from "../../core/plan.ts";
import type { ReusePlanner } from "../../core/plug-in.ts";

/** Most nodes {@link lp} accepts. */
export const lpNodeLimit = 30;

// The package's types describe its CommonJS face; what is imported is the ES module, whose default is the solver.
const solver = lpSolver as unknown as {
  Solve(model: object): Readonly<Record<string, number | boolean | undefined>>;
};

/** Largest cost the simplex is given; larger ones are scaled down to it. */
const largestCost = 1e6;

/** Largest cost {@link lp} accepts, in microseconds: scaled, a microsecond is then a thousand times the solver's tolerance. */
export const lpCostLimit = 1e11;

/**
 * Optimal on every DAG of up to {@link lpNodeLimit} nodes; an oracle independent of all flow code.
 *
 * Ties: whichever vertex the simplex ends in; deterministic, otherwise unspecified.
 *
 * @throws {TooLargeError} above the limits, or when costs span so many digits that the floating-point answer is not one plan
 */
export const lp: ReusePlanner = {
  id: "lp",
  title: "Linear program",
  complexity: `exponential in theory, at most ${lpNodeLimit} nodes`,
  exact: true,
  source: "own; javascript-lp-solver",
  plan(problem) {
    const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs } = problem;
    if (n > lpNodeLimit)
      throw new TooLargeError(`lp: the problem has ${n} nodes; it takes at most ${lpNodeLimit}; use max-flow`);
    const isStored = (v: number): boolean => loadUs[v] !== Number.POSITIVE_INFINITY;
    let dearest = 1;
    for (let v = 0; v < n; v++) dearest = Math.max(dearest, computeUs[v]!, isStored(v) ? loadUs[v]! : 0);
    if (dearest > lpCostLimit)
      throw new TooLargeError(
        `lp: a cost is ${dearest} us; its floating-point solver tells costs up to ${lpCostLimit} us apart; use max-flow`,
      );
    const scale = Math.max(1, dearest / largestCost);

    const variables: Record<string, Record<string, number>> = {};
    const constraints: Record<string, { min: number }> = {};
    const computedOf = (v: number): string => (isStored(v) ? `y${v}` : `x${v}`);
    for (let v = 0; v < n; v++) {
      if (isStored(v)) {
        variables[`x${v}`] = { cost: loadUs[v]! / scale };
        variables[`y${v}`] = { cost: (computeUs[v]! - loadUs[v]!) / scale };
      } else variables[`x${v}`] = { cost: computeUs[v]! / scale };
    }
    const require = (name: string, positive: string, negative: string): void => {
      constraints[name] = { min: 0 };
      variables[positive]![name] = 1;
      variables[negative]![name] = -1;
    };
    for (let v = 0; v < n; v++) {
      if (isStored(v)) require(`own${v}`, `x${v}`, `y${v}`);
      for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++)
        require(`input${e}`, `x${parentIds[e]!}`, computedOf(v));
    }
    for (const o of outputs) {
      constraints[`output${o}`] = { min: 1 };
      variables[`x${o}`]![`output${o}`] = 1;
    }
    const answer = solver.Solve({ optimize: "cost", opType: "min", constraints, variables });

    // Round and read the plan off from the outputs upwards.
    const states = new Uint8Array(n);
    const needed = new Uint8Array(n);
    for (const o of outputs) needed[o] = 1;
    for (let v = n - 1; v >= 0; v--) {
      if (needed[v] === 0) continue;
      if (isStored(v) && Number(answer[`y${v}`] ?? 0) < 0.5) {
        states[v] = LOAD;
        continue;
      }
      states[v] = COMPUTE;
      for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) needed[parentIds[e]!] = 1;
    }
    const costUs = planCostUs(problem, states);
    const value = Number(answer["result"]) * scale;
    if (answer["feasible"] !== true || !(Math.abs(value - costUs) <= Math.max(0.5, costUs * 1e-9)))
      throw new TooLargeError(
        `lp: the simplex ended at ${value} but its plan costs ${costUs}; the costs span too many digits for it; use max-flow`,
      );
    return { states, costUs };
  },
};
