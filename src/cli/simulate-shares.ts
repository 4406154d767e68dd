import { statSync } from "node:fs";
import { moduleBeside, startThread } from "../harness/worker-thread.ts";
import type { LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import type { CellOutcome } from "../simulator/simulate.ts";
import type { OptionValues } from "./command.ts";
import { listOption } from "./planner-choice.ts";
import { materializerOfSystem, simulateTrace, type SimulationPlan } from "./simulate-cells.ts";
import { openTrace, storageModelOf, type OpenedTrace } from "./simulate-traces.ts";

/** Nodes, in all iterations, of traces that a thread keeps for the systems it runs on them later. */
const keptNodes = 200_000;

/** Some systems on one trace. */
interface ShareTask {
  /** Place of the trace in the paths. */
  readonly at: number;
  /** Places of the systems in the plan's contenders, ascending. */
  readonly contenders: readonly number[];
}

/** What a thread that takes part is started with. */
export interface ShareSetup {
  readonly paths: readonly string[];
  /** In the order in which threads take them that start at the front; others start at the back. */
  readonly tasks: readonly ShareTask[];
  readonly plan: SimulationPlan;
  readonly plugIns: readonly string[];
  readonly storageModel: OptionValues[string];
  /** Numbers all threads share: by task 1 once it is taken, then 1 once something is wrong with a trace. */
  readonly shared: SharedArrayBuffer;
}

/** What came of one task: outcomes of its systems, as {@link simulateTrace} gives them. */
export interface TraceShare extends ShareTask {
  readonly name: string;
  readonly outcomes: readonly CellOutcome[];
}

/** What came of one trace. */
export interface TraceOutcomes {
  readonly name: string;
  readonly outcomes: readonly CellOutcome[];
}

/** How traces are shared out. */
export interface SharingOptions {
  /** This one included. */
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly onShare?: (done: number, of: number, share: TraceShare) => void;
}

/**
 * Simulates traces on several threads, this one among them. Systems with an experiment graph are taken from the front, dearest
 * trace first, the others from the back by every other thread, so that each compiles little of what the other needs.
 *
 * @returns what came of each trace, in order of `paths`; undefined where something was wrong with one, or after an abort
 */
export async function simulateShares(
  paths: readonly string[],
  plan: SimulationPlan,
  values: OptionValues,
  plugIns: LoadedPlugIns,
  { threads, signal, onShare }: SharingOptions,
): Promise<readonly TraceOutcomes[] | undefined> {
  const tasks = tasksOf(paths, plan, plugIns);
  const setup: ShareSetup = {
    paths,
    tasks,
    plan,
    plugIns: listOption(values["plugin"]),
    storageModel: values["storageModel"],
    shared: new SharedArrayBuffer(4 * (tasks.length + 1)),
  };
  const shares: TraceShare[] = [];
  const give = (share: TraceShare): void => {
    shares.push(share);
    onShare?.(shares.length, tasks.length, share);
  };
  const others = Array.from({ length: Math.min(threads, tasks.length) - 1 }, (_, k) =>
    startThread(moduleBeside("simulate-share-worker", import.meta.url), { ...setup, isFromBack: k % 2 === 0 }),
  );
  try {
    const done = others.map(
      (worker) =>
        new Promise<void>((resolve) => {
          worker.on("message", give);
          worker.on("exit", () => resolve());
          signal.addEventListener("abort", () => resolve(), { once: true });
        }),
    );
    await takeShares(setup, plugIns, signal, give);
    await Promise.all(done);
  } finally {
    await Promise.all(others.map((worker) => worker.terminate()));
  }
  return shares.length === tasks.length ? merged(paths, plan, shares) : undefined;
}

/** Takes tasks until none is left; once a trace cannot be read, those that follow are only opened. */
export async function takeShares(
  { paths, tasks, plan, storageModel, shared }: ShareSetup,
  plugIns: LoadedPlugIns,
  signal: AbortSignal | undefined,
  give: (share: TraceShare) => void,
  isFromBack = false,
): Promise<void> {
  const state = new Int32Array(shared);
  const kept = new Map<number, OpenedTrace>();
  let nodes = 0;
  const open = async (at: number): Promise<OpenedTrace> => {
    const known = kept.get(at);
    if (known !== undefined) return known;
    const trace = await openTrace(paths[at]!, () => signal?.throwIfAborted());
    nodes += trace.facts.nodeCount;
    if (nodes <= keptNodes) kept.set(at, trace);
    return trace;
  };
  for (let k = 0; k < tasks.length; k++) {
    const place = isFromBack ? tasks.length - 1 - k : k;
    if (Atomics.exchange(state, place, 1) !== 0) continue;
    const { at, contenders } = tasks[place]!;
    try {
      const trace = await open(at);
      if (Atomics.load(state, tasks.length) !== 0) continue;
      const model = await storageModelOf(storageModel, trace);
      const more = signal === undefined ? {} : { signal };
      const part = { ...plan, contenders: contenders.map((i) => plan.contenders[i]!) };
      const outcomes = await simulateTrace(part, { trace, plugIns, storageModel: model, more });
      give({ at, contenders, name: trace.name, outcomes });
    } catch {
      // Whoever asked opens it again and says what is wrong with it.
      Atomics.store(state, tasks.length, 1);
    }
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

/** Two tasks per trace where the plan has systems of both kinds; traces by size of file. */
function tasksOf(paths: readonly string[], plan: SimulationPlan, plugIns: LoadedPlugIns): readonly ShareTask[] {
  const bytes = paths.map((path) => statSync(path).size);
  const dearest = [...paths.keys()].sort((a, b) => bytes[b]! - bytes[a]! || a - b);
  const places = [...plan.contenders.keys()];
  const isBatch = (i: number): boolean => materializerOfSystem(plan.contenders[i]!.system, plugIns)?.kind === "batch";
  const tasks = (order: readonly number[], contenders: readonly number[]): readonly ShareTask[] =>
    contenders.length === 0 ? [] : order.map((at) => ({ at, contenders }));
  return [
    ...tasks(dearest, places.filter(isBatch)),
    ...tasks(
      dearest.toReversed(),
      places.filter((i) => !isBatch(i)),
    ),
  ];
}

/** Outcomes by trace, in the order of the plan's systems. */
function merged(
  paths: readonly string[],
  { contenders, budgets }: SimulationPlan,
  shares: readonly TraceShare[],
): readonly TraceOutcomes[] {
  return paths.map((_, at) => {
    const own = shares.filter((share) => share.at === at);
    const bySystem: (readonly CellOutcome[])[] = [];
    for (const share of own) {
      let from = 0;
      for (const i of share.contenders) {
        const to = from + contenders[i]!.params.length * budgets.length;
        bySystem[i] = share.outcomes.slice(from, to);
        from = to;
      }
    }
    return { name: own[0]!.name, outcomes: bySystem.flat() };
  });
}
