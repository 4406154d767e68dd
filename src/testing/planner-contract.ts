/**
 * What every reuse planner must do, as a list of named checks free of any test runner: `conform` runs them, test files wrap
 * each in a test, and plug-ins bring theirs.
 */
import fc from "fast-check";
import { bruteForce } from "../algorithms/reuse/brute-force.ts";
import { TooLargeError } from "../core/errors.ts";
import { validatePlan, type ReusePlan, type ReuseProblem } from "../core/plan.ts";
import type { ReusePlanner } from "../core/plug-in.ts";
import { problemArbitrary } from "./arbitraries.ts";

/** One check of a contract; `check` throws, naming the counterexample and the seed, when it fails. */
export interface ContractCheck {
  readonly title: string;
  readonly check: () => void;
}

/** How hard to try. */
export interface ContractOptions {
  /** True if every plan must be optimal; the planner's own word if left out. */
  readonly exact?: boolean;
  /** Random problems per check; 100 if left out. */
  readonly runs?: number;
  /** Seed of the problems; drawn afresh (and printed on failure) if left out. */
  readonly seed?: number;
}

/**
 * The battery: plans are legal and priced as `planCostUs` prices them, fresh, deterministic, independent of earlier calls,
 * leave the problem alone, survive long chains; an exact planner's cost is the brute-force optimum and behaves like one
 * under scaling and storing more; any other's is never below it.
 */
export function plannerContract<P>(planner: ReusePlanner<P>, options: ContractOptions = {}): readonly ContractCheck[] {
  const exact = options.exact ?? planner.exact ?? false;
  const settings: fc.Parameters<[ReuseProblem]> = {
    numRuns: options.runs ?? 100,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  };
  const params = (planner.params?.parse({}) ?? {}) as P;
  const plan = (problem: ReuseProblem): ReusePlan => planner.plan(problem, params);
  const each = (property: (problem: ReuseProblem) => void, maxNodes = 9): void =>
    fc.assert(fc.property(problemArbitrary({ maxNodes }), property), settings);

  const checks: ContractCheck[] = [
    {
      title: `${planner.id}: plans are legal and priced right`,
      check: () => each((problem) => validatePlan(planner.id, problem, plan(problem))),
    },
    {
      title: `${planner.id}: the same problem gives the same plan, whatever was planned in between`,
      check: () =>
        each((problem) => {
          const first = plan(problem);
          const kept = first.states.slice();
          plan(single);
          const second = plan(problem);
          expectEqual(planner.id, "a second plan", second, { states: kept, costUs: first.costUs });
          if (second.states === first.states) throw new Error(`${planner.id}: returns the same array twice`);
          expectEqual(planner.id, "the first plan after the second", first, { states: kept, costUs: first.costUs });
        }),
    },
    {
      title: `${planner.id}: the problem is left as it was`,
      check: () =>
        each((problem) => {
          const before = structuredClone(problem);
          plan(problem);
          for (const key of ["parentOffsets", "parentIds", "computeUs", "loadUs", "outputs"] as const) {
            if (problem[key].some((value, i) => value !== before[key][i]))
              throw new Error(`${planner.id}: planning changed ${key} of the problem; planners never write to it`);
          }
        }),
    },
    {
      title: `${planner.id}: a chain of 200,000 nodes is planned or refused as too large`,
      check: () => {
        const chain = longChain(200_000);
        try {
          validatePlan(planner.id, chain, plan(chain));
        } catch (error) {
          if (!(error instanceof TooLargeError)) throw error;
        }
      },
    },
    {
      title: `${planner.id}: ${exact ? "the cost is the optimum" : "the cost is never below the optimum"}`,
      check: () =>
        each((problem) => {
          const { costUs } = plan(problem);
          const optimumUs = bruteForce.plan(problem, {}).costUs;
          if (exact ? costUs !== optimumUs : costUs < optimumUs)
            throw new Error(`${planner.id}: costs ${costUs}, the optimum is ${optimumUs}`);
        }),
    },
  ];
  if (exact) {
    checks.push(
      {
        title: `${planner.id}: three times the costs make the plan three times as dear`,
        check: () =>
          each((problem) => {
            const scaled = {
              ...problem,
              computeUs: problem.computeUs.map((us) => 3 * us),
              loadUs: problem.loadUs.map((us) => 3 * us),
            };
            if (plan(scaled).costUs !== 3 * plan(problem).costUs)
              throw new Error(`${planner.id}: scaling the costs by 3 does not scale the plan's cost by 3`);
          }),
      },
      {
        title: `${planner.id}: storing one more result never makes the plan dearer`,
        check: () =>
          each((problem) => {
            const before = plan(problem).costUs;
            for (let v = 0; v < problem.nodeCount; v++) {
              if (problem.loadUs[v] !== Number.POSITIVE_INFINITY) continue;
              const loadUs = problem.loadUs.slice();
              loadUs[v] = v;
              const after = plan({ ...problem, loadUs }).costUs;
              if (after > before) throw new Error(`${planner.id}: ${before} becomes ${after} once node ${v} is stored`);
            }
          }),
      },
    );
  }
  return checks;
}

const single: ReuseProblem = {
  nodeCount: 2,
  parentOffsets: Int32Array.of(0, 0, 1),
  parentIds: Int32Array.of(0),
  computeUs: Float64Array.of(7, 1),
  loadUs: Float64Array.of(3, Number.POSITIVE_INFINITY),
  outputs: Int32Array.of(1),
};

function longChain(length: number): ReuseProblem {
  return {
    nodeCount: length,
    parentOffsets: Int32Array.from({ length: length + 1 }, (_, i) => Math.max(0, i - 1)),
    parentIds: Int32Array.from({ length: length - 1 }, (_, i) => i),
    computeUs: new Float64Array(length).fill(1),
    loadUs: Float64Array.from({ length }, (_, i) => (i % 1000 === 7 ? 600 : Number.POSITIVE_INFINITY)),
    outputs: Int32Array.of(length - 1),
  };
}

function expectEqual(planner: string, what: string, got: ReusePlan, expected: ReusePlan): void {
  if (got.costUs !== expected.costUs || got.states.some((state, v) => state !== expected.states[v]))
    throw new Error(
      `${planner}: ${what} is [${[...got.states].join(" ")}] for ${got.costUs}; expected [${[...expected.states].join(" ")}] for ${expected.costUs}`,
    );
}
