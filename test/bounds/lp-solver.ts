import lpSolver from "javascript-lp-solver";
import type { LinearProgram } from "../../src/bounds/linear-program.ts";

// The package's types describe its CommonJS face; what is imported is the ES module, whose default is the solver.
const solver = lpSolver as unknown as { Solve(model: object): unknown };

/** Solves a small program with another solver than HiGHS: javascript-lp-solver, a float simplex with branch and cut. */
export function solveIndependently(program: LinearProgram, relaxed = false): number {
  const { costs, highs, integer, rows } = program.description();
  const variables: Record<string, Record<string, number>> = {};
  const constraints: Record<string, { min?: number; max?: number }> = {};
  const ints: Record<string, 1> = {};
  costs.forEach((cost, c) => {
    variables[`x${c}`] = { cost, [`high${c}`]: 1 };
    constraints[`high${c}`] = { max: highs[c]! };
    if (integer[c] === 1 && !relaxed) ints[`x${c}`] = 1;
  });
  rows.forEach(({ low, high, entries }, r) => {
    constraints[`row${r}`] = {
      ...(Number.isFinite(low) ? { min: low } : {}),
      ...(Number.isFinite(high) ? { max: high } : {}),
    };
    for (const [c, value] of entries) variables[`x${c}`]![`row${r}`] = (variables[`x${c}`]![`row${r}`] ?? 0) + value;
  });
  const answer = solver.Solve({ optimize: "cost", opType: "min", constraints, variables, ints }) as {
    feasible: boolean;
    result: number;
  };
  if (!answer.feasible) throw new Error("the other solver finds no answer");
  return answer.result;
}
