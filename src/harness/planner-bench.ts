/** Measures planners side by side: answers compared first, warm repetitions interleaved, cold start and memory apart. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Bench } from "tinybench";
import { TooLargeError } from "../core/errors.ts";
import { validatePlan, type ReusePlan, type ReuseProblem } from "../core/plan.ts";
import type { ReusePlanner } from "../core/plug-in.ts";
import { guardedPlanner } from "./plug-ins/guarded.ts";
import { packProblems } from "./problem-binary.ts";
import { linearQuantile } from "./statistics.ts";

/** One planner under measurement, with the parameters it is called with. */
export interface BenchPlanner {
  readonly planner: ReusePlanner;
  readonly params: object;
  /** Plug-in files one of which brings it; a process of its own loads them again. Default: it is built in. */
  readonly plugIns?: readonly string[];
}

/** How to measure. */
export interface PlannerBenchOptions {
  /** Warm repetitions per problem and planner; at least 3. */
  readonly repetitions: number;
  /** Called after each problem. */
  readonly onProblem?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** What one planner took (DESIGN §5.4); times in microseconds. */
export interface PlannerBenchRow {
  readonly planner: string;
  readonly problems: number;
  /** Sum over problems of the median of repetitions. */
  readonly totalUs: number;
  readonly medianUs: number;
  readonly p99Us: number;
  readonly maxUs: number;
  /** Sum of the plans' costs. */
  readonly costUs: number;
  /** Memory that planning the largest problem took on top of it, in a process of its own. */
  readonly peakBytes: number;
  /** First plan of a fresh process, on the first problem. */
  readonly coldUs: number;
  readonly repetitions: number;
}

/** Outcome of {@link benchPlanners}. */
export interface PlannerBenchResult {
  readonly rows: readonly PlannerBenchRow[];
  /** Problems on which exact planners disagree, or another one is below them: one sentence each. Empty if all is well. */
  readonly disagreements: readonly string[];
}

/** Warm-up goes on at least this long per planner. */
const warmUpUs = 200_000;
const runsPerRound = 3;

/**
 * Measures planners on a stream of problems; each problem is dropped before the next is asked for.
 *
 * @throws {TooLargeError} when a problem exceeds a planner's limit
 * @throws {InfeasiblePlanError} when a plan is illegal or priced wrong
 */
export async function benchPlanners(
  planners: readonly BenchPlanner[],
  problems: Iterable<ReuseProblem> | AsyncIterable<ReuseProblem>,
  options: PlannerBenchOptions,
): Promise<PlannerBenchResult> {
  const rounds = Math.max(1, Math.ceil(options.repetitions / runsPerRound));
  const times = planners.map((): number[] => []);
  const costs = planners.map(() => 0);
  const disagreements: string[] = [];
  let first: ReuseProblem | undefined;
  let largest: ReuseProblem | undefined;
  let count = 0;
  for await (const problem of problems) {
    options.signal?.throwIfAborted();
    count++;
    const plans = planners.map(({ planner, params, plugIns }) =>
      checkedPlan(plugIns === undefined ? planner : guardedPlanner(planner), params, problem, count),
    );
    disagreements.push(...disagreementsOf(planners, plans, count));
    for (const [i, plan] of plans.entries()) costs[i]! += plan.costUs;
    if (first === undefined) {
      first = problem;
      warmUp(planners, problem);
    }
    if (largest === undefined || problem.nodeCount > largest.nodeCount) largest = problem;
    for (const [i, us] of timesOf(planners, problem, rounds).entries()) times[i]!.push(us);
    options.onProblem?.(count);
  }
  const rows: PlannerBenchRow[] = [];
  for (const [i, planner] of planners.entries()) {
    const sorted = Float64Array.from(times[i]!).sort();
    const probe =
      first === undefined || largest === undefined ? undefined : await probePlanner(planner, first, largest);
    rows.push({
      planner: planner.planner.id,
      problems: count,
      totalUs: sorted.reduce((sum, us) => sum + us, 0),
      medianUs: count === 0 ? 0 : linearQuantile(sorted, 0.5),
      p99Us: count === 0 ? 0 : linearQuantile(sorted, 0.99),
      maxUs: sorted.at(-1) ?? 0,
      costUs: costs[i]!,
      peakBytes: probe?.peakBytes ?? 0,
      coldUs: probe?.coldUs ?? 0,
      repetitions: rounds * runsPerRound,
    });
  }
  return { rows, disagreements };
}

function checkedPlan(planner: ReusePlanner, params: object, problem: ReuseProblem, number: number): ReusePlan {
  try {
    const plan = planner.plan(problem, params);
    validatePlan(planner.id, problem, plan);
    return plan;
  } catch (error) {
    if (error instanceof TooLargeError)
      throw new TooLargeError(`problem ${number}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** One sentence per planner whose answer cannot be right, given that of the first exact one; none if no planner is exact. */
export function disagreementsOf(
  planners: readonly BenchPlanner[],
  plans: readonly ReusePlan[],
  number: number,
): string[] {
  const found: string[] = [];
  const reference = planners.findIndex(({ planner }) => planner.exact === true);
  if (reference < 0) return found;
  const { id } = planners[reference]!.planner;
  const { costUs } = plans[reference]!;
  for (const [i, { planner }] of planners.entries()) {
    const other = plans[i]!.costUs;
    if (planner.exact === true ? other !== costUs : other < costUs)
      found.push(`problem ${number}: ${planner.id} costs ${other}, ${id} says the optimum is ${costUs}`);
  }
  return found;
}

function benchOf(planners: readonly BenchPlanner[], problem: ReuseProblem, iterations: number, time: number): Bench {
  const bench = new Bench({ iterations, time, warmup: false, retainSamples: true, throws: true });
  for (const [i, { planner, params }] of planners.entries())
    bench.add(`${i}`, () => {
      planner.plan(problem, params);
    });
  return bench;
}

function warmUp(planners: readonly BenchPlanner[], problem: ReuseProblem): void {
  benchOf(planners, problem, 20, warmUpUs / 1_000).runSync();
}

/** Median of the repetitions per planner, in microseconds; rounds of a few runs each take turns. */
function timesOf(planners: readonly BenchPlanner[], problem: ReuseProblem, rounds: number): number[] {
  const samples = planners.map((): number[] => []);
  const bench = benchOf(planners, problem, runsPerRound, 0);
  for (let round = 0; round < rounds; round++) {
    bench.reset();
    bench.runSync();
    for (const [i, { result }] of bench.tasks.entries())
      if ("latency" in result) for (const ms of result.latency.samples ?? []) samples[i]!.push(ms * 1_000);
  }
  return samples.map((values) => linearQuantile(Float64Array.from(values).sort(), 0.5));
}

/**
 * Asks a fresh process for what this one cannot know: the cold start of one planner alone, on the first problem, and the memory
 * that planning the largest one takes on top of the loaded problems.
 */
export async function probePlanner(
  { planner, params, plugIns = [] }: BenchPlanner,
  first: ReuseProblem,
  largest: ReuseProblem,
): Promise<{ coldUs: number; peakBytes: number }> {
  const folder = await mkdtemp(join(tmpdir(), "reuselab-bench-"));
  try {
    const file = join(folder, "problems.bin");
    await writeFile(file, packProblems([first, largest]));
    const fromSource = import.meta.url.endsWith(".ts");
    const script = fileURLToPath(new URL(fromSource ? "./planner-probe.ts" : "./planner-probe.js", import.meta.url));
    const loader = fromSource ? ["--import", import.meta.resolve("tsx")] : [];
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--expose-gc",
      ...loader,
      script,
      planner.id,
      JSON.stringify(params),
      file,
      ...plugIns,
    ]);
    return JSON.parse(stdout) as { coldUs: number; peakBytes: number };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
