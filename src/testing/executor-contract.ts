/**
 * What every executor must do, as a list of named checks free of any test runner: test files wrap each in a test, outside
 * executors bring their own workload.
 */
import { never } from "../algorithms/materialize/never.ts";
import { always } from "../algorithms/materialize/always.ts";
import { computeAll } from "../algorithms/reuse/compute-all.ts";
import { maxFlow } from "../algorithms/reuse/max-flow.ts";
import { pairSystem } from "../baselines/index.ts";
import { ReuseError } from "../core/errors.ts";
import type { Executor, ResultHandle } from "../core/executor.ts";
import type { Iteration } from "../core/iteration.ts";
import type { Materializer } from "../core/materializer.ts";
import type { ReusePlanner } from "../core/plug-in.ts";
import { isExact } from "../core/units.ts";
import type { IterationReport } from "../simulator/iteration-report.ts";
import { runLoop, type RunOutcome } from "../simulator/loop.ts";
import type { AsyncContractCheck } from "./materializer-contract.ts";

/** An executor and something for it to run. */
export interface ExecutorContractSubject {
  readonly id: string;
  /** Opens a fresh executor with nothing stored; the battery closes it. */
  readonly open: () => Executor | Promise<Executor>;
  /** At least two versions, the second with some results of the first; deterministic throughout. */
  readonly iterations: readonly Iteration[];
}

/**
 * The battery: times and bytes are exact integers, every barrier has a result, what was written can be loaded until it is
 * evicted, results can be reused under any policy with the same metrics, an aborted run keeps what it stored.
 */
export function executorContract({ id, open, iterations }: ExecutorContractSubject): readonly AsyncContractCheck[] {
  const using = async (body: (executor: Executor) => Promise<void>): Promise<void> => {
    const executor = await open();
    try {
      await body(executor);
    } finally {
      await executor.close();
    }
  };
  return [
    {
      title: `${id}: a segment of one node gives its result and an exact time`,
      check: async () =>
        using(async (executor) => {
          for (const handle of await computeFirst(executor, iterations[0]!)) await executor.release(handle);
        }),
    },
    {
      title: `${id}: what was written can be loaded until it is evicted`,
      check: async () =>
        using(async (executor) => {
          const version = iterations[0]!;
          const handles = await computeFirst(executor, version);
          const handle = handles.at(-1)!;
          const { signature } = handle.node;
          const { bytes, writeUs } = await executor.write(handle, signature, {});
          expectExact(id, { bytes, writeUs });
          for (const each of handles) await executor.release(each);
          const { result, loadUs } = await executor.load(signature, handle.node, {});
          expectExact(id, { loadUs, memoryBytes: result.memoryBytes, estimatedBytes: result.estimatedBytes });
          await executor.release(result);
          const { freedBytes } = await executor.evict(signature);
          if (freedBytes !== bytes) throw new Error(`${id}: evicting ${bytes} written bytes freed ${freedBytes}`);
          await refused(id, async () => executor.load(signature, handle.node, {}));
        }),
    },
    {
      title: `${id}: estimates of loads and writes are exact and grow with the bytes`,
      check: async () =>
        using(async (executor) => {
          const node = iterations[0]!.nodes[0]!;
          for (const estimate of ["estimateLoadUs", "estimateWriteUs"] as const) {
            const small = executor[estimate](node, 1_000, 1_000);
            const large = executor[estimate](node, 1_000_000_000, 1_000_000_000);
            expectExact(id, { small, large });
            if (large < small) throw new Error(`${id}: ${estimate} of 1 GB is ${large} µs, of 1 KB ${small} µs`);
          }
        }),
    },
    {
      title: `${id}: metrics do not depend on the policy, and rows add up`,
      check: async () => {
        const metricsOf = async (planner: ReusePlanner, materializer: Materializer): Promise<string> => {
          const seen: Readonly<Record<string, number>>[] = [];
          await using(async (executor) => {
            const outcome = await run(executor, iterations, planner, materializer, (report) =>
              seen.push(report.metrics),
            );
            if (outcome.failure !== undefined) throw outcome.failure;
            if (outcome.rows.length !== iterations.length) throw new Error(`${id}: ${outcome.rows.length} rows`);
            for (const { runUs, computeUs, loadUs, writeUs } of outcome.rows) {
              expectExact(id, { runUs, computeUs, loadUs, writeUs });
              if (runUs !== computeUs + loadUs + writeUs)
                throw new Error(`${id}: runUs ${runUs} is not the sum of its parts`);
            }
          });
          return JSON.stringify(
            seen.map((metrics) => Object.entries(metrics).toSorted(([a], [b]) => (a < b ? -1 : 1))),
          );
        };
        const rerun = await metricsOf(computeAll, never);
        const reused = await metricsOf(maxFlow, always);
        if (rerun !== reused) throw new Error(`${id}: metrics ${reused} with reuse; without it ${rerun}`);
      },
    },
    {
      title: `${id}: the second version loads what the first one stored`,
      check: async () =>
        using(async (executor) => {
          const { rows, failure } = await run(executor, iterations, loadEverything, always);
          if (failure !== undefined) throw failure;
          if (rows[1]!.loaded === 0) throw new Error(`${id}: nothing was loaded although everything was stored`);
        }),
    },
    {
      title: `${id}: a run that is aborted keeps finished rows and what is stored`,
      check: async () =>
        using(async (executor) => {
          const abort = new AbortController();
          const outcome = await run(executor, iterations, maxFlow, always, () => abort.abort(), abort.signal);
          if (!outcome.aborted || outcome.rows.length !== 1)
            throw new Error(`${id}: aborted ${outcome.aborted}, ${outcome.rows.length} rows; expected one`);
          for (const { signature } of iterations[0]!.nodes) await executor.evict(signature);
        }),
    },
  ];
}

/** Loads whatever is stored, so that loads happen whatever they cost. */
const loadEverything: ReusePlanner = {
  id: "load-everything",
  title: "Load everything stored",
  complexity: "O(V + E)",
  plan: (problem) => {
    const free = { ...problem, loadUs: problem.loadUs.map((us) => (us === Number.POSITIVE_INFINITY ? us : 0)) };
    const { states } = maxFlow.plan({ ...free, computeUs: problem.computeUs.map((us) => us + 1) }, {});
    let costUs = 0;
    for (let i = 0; i < problem.nodeCount; i++)
      costUs += states[i] === 1 ? problem.computeUs[i]! : states[i] === 2 ? problem.loadUs[i]! : 0;
    return { states, costUs };
  },
};

async function run(
  executor: Executor,
  iterations: readonly Iteration[],
  planner: ReusePlanner,
  materializer: Materializer,
  onIteration: (report: IterationReport) => void = () => {},
  signal?: AbortSignal,
): Promise<RunOutcome> {
  return runLoop({
    iterations,
    trace: "contract",
    system: pairSystem(planner.id, materializer.id),
    planner,
    materializer,
    executor,
    onIteration,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Computes all nodes of a version, one segment each. */
async function computeFirst(executor: Executor, iteration: Iteration): Promise<readonly ResultHandle[]> {
  await executor.beginIteration?.(iteration);
  const handles = new Map<string, ResultHandle>();
  for (const node of iteration.nodes) {
    const inputs = new Map(node.parents.map((parent) => [parent, handles.get(parent)!]));
    const outcome = await executor.compute({ nodes: [node], barriers: new Set([node.id]) }, inputs, {});
    expectExact(executor.id, { computeUs: outcome.computeUs });
    const handle = outcome.results.get(node.id);
    if (handle === undefined) throw new Error(`${executor.id}: no result of "${node.id}", which is a barrier`);
    expectExact(executor.id, { memoryBytes: handle.memoryBytes, estimatedBytes: handle.estimatedBytes });
    handles.set(node.id, handle);
  }
  return [...handles.values()];
}

function expectExact(id: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values))
    if (!isExact(value)) throw new Error(`${id}: ${name} is ${String(value)}; expected an integer ≥ 0 below 2^53`);
}

async function refused(id: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (error instanceof ReuseError) return;
    throw error;
  }
  throw new Error(`${id}: an evicted result can still be loaded`);
}
