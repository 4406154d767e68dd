/** Real runs of all cells, interleaved: one repetition of every cell in random order, then the next. They resume. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { makeFolder } from "../../executors/store/make-folder.ts";
import type { Iteration } from "../../core/iteration.ts";
import { rngStream, shuffled } from "../../core/rng.ts";
import type { EngineHost, EngineOpener } from "../execution/engines.ts";
import { executeCell } from "../execution/execute-cell.ts";
import { operatorCover } from "../recording/warm-up.ts";
import type { ValidationRun } from "./compared-cells.ts";
import { runOf } from "./predict.ts";
import type { RunnableCell } from "./settings.ts";

/** A finished run as its file keeps it. */
export interface RealRun extends ValidationRun {
  /** What decides its times: data, engine, cell, repetition. */
  readonly key: string;
  readonly cell: string;
  readonly repetition: number;
  /** Position within its repetition. */
  readonly position: number;
  /** Why the system cannot run the workload; then there are no iterations. */
  readonly excluded?: string;
}

/** Everything that is run on one engine. */
export interface RealRunPlan {
  readonly workload: string;
  readonly requires: readonly string[];
  readonly dataTitle: string;
  readonly versions: readonly Iteration[];
  /** The same on a hundredth of the rows: warm the engine up. */
  readonly warmUp: readonly Iteration[];
  /** Times that is done; default the engine's own number. */
  readonly warmUps?: number;
  /** Engine, version and settings, part of what identifies a run. */
  readonly engine: string;
  readonly executor: string;
  readonly cells: readonly RunnableCell[];
  readonly repetitions: number;
  readonly seed: number;
  readonly memoryLimitBytes: number;
  /** Each run gets an engine of its own that nothing was run on before. */
  readonly coldEngine?: boolean;
  /** Opened afresh for each repetition. */
  openHost(): Promise<EngineHost>;
  /** Called before the first run of a repetition (0, 1 …) that has any left, while no engine is open. */
  beforeRepetition?(repetition: number): Promise<void>;
  /** Finished runs, one a line. */
  readonly file: string;
  readonly signal?: AbortSignal;
  readonly onWarning?: (message: string) => void;
  readonly onRun?: (done: number, total: number, note: string) => void;
}

/**
 * Runs what the file does not hold yet, appending each run when it is finished.
 *
 * @returns all runs of the plan
 * @throws {ReuseError} what ended a run; the signal's reason when it was told to stop
 */
export async function realRuns(plan: RealRunPlan): Promise<readonly RealRun[]> {
  const known = readRuns(plan.file);
  const total = plan.cells.length * plan.repetitions;
  const runs: RealRun[] = [];
  makeFolder(dirname(plan.file));
  for (let repetition = 0; repetition < plan.repetitions; repetition++) {
    const order = shuffled(rngStream(plan.seed, `validate/${plan.executor}/${repetition}`), plan.cells);
    const planned = order.map((cell, position) => ({ cell, position, key: keyOf(plan, cell, repetition) }));
    for (const { key } of planned) {
      const found = known.get(key);
      if (found !== undefined) runs.push(found);
    }
    const todo = planned.filter(({ key }) => !known.has(key));
    if (todo.length === 0) continue;
    await plan.beforeRepetition?.(repetition);
    for (const sharing of plan.coldEngine === true ? todo.map((one) => [one]) : [todo]) {
      const host = await plan.openHost();
      try {
        if (plan.coldEngine !== true) await warmUp(plan, host);
        for (const { cell, position, key } of sharing) {
          plan.signal?.throwIfAborted();
          const run: RealRun = { key, cell: cell.id, repetition, position, ...(await runCell(plan, cell, host.open)) };
          await append(plan.file, run);
          runs.push(run);
          plan.onRun?.(runs.length, total, `repetition ${repetition + 1}/${plan.repetitions}, ${cell.id}`);
        }
      } finally {
        await host.close();
      }
    }
  }
  return runs;
}

/** Runs of a file by key; a line cut off by a kill is thrown away. */
function readRuns(file: string): ReadonlyMap<string, RealRun> {
  const runs = new Map<string, RealRun>();
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  for (const line of text.slice(0, text.lastIndexOf("\n") + 1).split("\n"))
    if (line !== "") {
      const run = JSON.parse(line) as RealRun;
      runs.set(run.key, run);
    }
  return runs;
}

async function append(file: string, run: RealRun): Promise<void> {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (text !== "" && !text.endsWith("\n")) await writeFile(file, text.slice(0, text.lastIndexOf("\n") + 1));
  const handle = await open(file, "a");
  try {
    await handle.write(`${JSON.stringify(run)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function keyOf(plan: RealRunPlan, cell: RunnableCell, repetition: number): string {
  const { engine, workload, dataTitle, memoryLimitBytes, seed, versions } = plan;
  const { profile, budgetBytes, settings } = cell;
  const structure = versions.map(({ nodes }) => nodes.map(({ id, signature }) => `${id} ${signature}`));
  const what = [engine, workload, dataTitle, memoryLimitBytes, seed, structure, profile, budgetBytes, repetition];
  const cold = plan.coldEngine === true ? ["cold engine"] : [];
  return createHash("sha256")
    .update(JSON.stringify([...what, settings.system, [...settings.params], ...cold]))
    .digest("hex")
    .slice(0, 16);
}

async function runCell(
  plan: RealRunPlan,
  cell: RunnableCell,
  open: EngineOpener,
): Promise<ValidationRun & { readonly excluded?: string }> {
  const out = await mkdtemp(join(tmpdir(), "reuselab-validate-"));
  try {
    const outcome = await executeCell({
      workload: plan.workload,
      requires: plan.requires,
      dataTitle: plan.dataTitle,
      versions: plan.versions,
      executor: plan.executor,
      open,
      system: cell.settings.system,
      params: cell.settings.params,
      budgetBytes: cell.budgetBytes,
      seed: plan.seed,
      profile: cell.profile,
      memoryLimitBytes: plan.memoryLimitBytes,
      out,
      ...(plan.signal === undefined ? {} : { signal: plan.signal }),
      ...(plan.onWarning === undefined ? {} : { onWarning: plan.onWarning }),
    });
    plan.signal?.throwIfAborted();
    if (outcome.failure !== undefined) throw outcome.failure;
    const { reason } = outcome.exclusion ?? {};
    return reason === undefined
      ? runOf(outcome.executed.map(({ report }) => report))
      : { runUs: [], states: [], excluded: reason };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** Runs versions that have every operator type between them, each as a whole, outside all measurements. */
async function warmUp(
  { warmUp: versions, signal, warmUps: asked }: RealRunPlan,
  { open, warmUps = 1 }: EngineHost,
): Promise<void> {
  const executor = await open({ profile: "hot" });
  const cover = operatorCover(versions);
  try {
    for (const version of Array.from({ length: asked ?? warmUps }, () => cover).flat()) {
      await executor.beginIteration?.(version);
      const outputs = version.nodes.filter(({ output }) => output === true).map(({ id }) => id);
      const segment = { nodes: version.nodes, barriers: new Set(outputs) };
      const { results } = await executor.compute(segment, new Map(), signal === undefined ? {} : { signal });
      for (const handle of results.values()) await executor.release(handle);
    }
  } finally {
    await executor.close();
  }
}
