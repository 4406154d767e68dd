import { rm } from "node:fs/promises";
import { systemClock } from "../../core/clock.ts";
import type { TraceIteration } from "../../core/iteration.ts";
import { assembleTrace, medianOf } from "./assemble-trace.ts";
import type { RecordingPlan, Repetition } from "./recording.ts";
import { hasWholes, preparePlan, runRepetition } from "./repetition.ts";
import { openSideFile, recordingKey } from "./side-file.ts";

/** A finished recording. */
export interface Recording {
  readonly iterations: readonly TraceIteration[];
  readonly repetitions: number;
  /** Repetitions found finished when the recording started. */
  readonly resumed: number;
  /** False if some loads could not be made to come from the device. */
  readonly isCold: boolean;
  /** Σ computeUs of the first version, isolated. */
  readonly initialUs: number;
  /** The same on the warm-up data, median; undefined without such data. */
  readonly fixedCostUs: number | undefined;
  /** By operator type: what its first execution in a process took beyond the second, median; microseconds. */
  readonly firstUseUs: Readonly<Record<string, number>>;
  /** Median of fresh ÷ usual − 1 over the repetitions that measured it, at least 0, to four decimals; see {@link FreshSession}. */
  readonly freshSessionShare: number | undefined;
}

/** Where finished repetitions wait, and what else (engine, machine, scale) tells recordings apart. */
export interface ResumeOptions {
  readonly path: string;
  readonly identity: readonly string[];
}

/**
 * Records a workload without any policy (DESIGN §5.2): all repetitions, then medians.
 *
 * Each finished repetition is kept in the side file, so that an aborted recording goes on where it was; the caller deletes it
 * by {@link forgetRepetitions} once the trace is written.
 *
 * @throws {ExecutorError} when the engine fails, or gives other metric values from one run to the next
 */
export async function recordWorkload(plan: RecordingPlan, resume?: ResumeOptions): Promise<Recording> {
  const prepared = preparePlan(plan);
  const side = resume === undefined ? undefined : await openSideFile(resume.path, recordingKey(plan, resume.identity));
  const callsOf = (repetition: number): number =>
    hasWholes(plan, repetition) ? prepared.calls.withWholes : prepared.calls.plain;
  const numbers = Array.from({ length: plan.repetitions }, (_, i) => i);
  const total = numbers.reduce((sum, repetition) => sum + callsOf(repetition), 0);
  const finished: Repetition[] = [];
  let resumed = 0;
  let done = 0;
  let leftUs: number | undefined;
  for (const repetition of numbers) {
    const known = side?.done.get(repetition);
    const isUsable =
      known !== undefined &&
      (!hasWholes(plan, repetition) ||
        Object.keys(known.wholes).length > 0 ||
        Object.keys(known.segments).length === 0);
    if (isUsable) {
      finished.push(known);
      resumed++;
      done += callsOf(repetition);
      plan.onProgress?.(done, total, `repetition ${repetition + 1} was there`);
      continue;
    }
    const startUs = systemClock.nowUs();
    const before = done;
    const measured = await runRepetition(prepared, repetition, (what) => {
      done = Math.min(done + 1, before + callsOf(repetition));
      const left = leftUs === undefined ? "" : `, about ${minutes(leftUs - (systemClock.nowUs() - startUs))} left`;
      plan.onProgress?.(done, total, `repetition ${repetition + 1}/${plan.repetitions}, ${what}${left}`);
    });
    await side?.append(measured);
    finished.push(measured);
    done = before + callsOf(repetition);
    leftUs = (systemClock.nowUs() - startUs) * (plan.repetitions - repetition - 1);
  }
  const iterations = assembleTrace(prepared, finished);
  const fixed = finished.map(({ fixedCostUs }) => fixedCostUs).filter((value) => value !== undefined);
  return {
    iterations,
    repetitions: finished.length,
    resumed,
    isCold: finished.every(({ isCold }) => isCold),
    initialUs: distinctComputeUs(iterations[0]),
    fixedCostUs: fixed.length === 0 ? undefined : medianOf(fixed),
    firstUseUs: firstUses(finished),
    freshSessionShare: freshSessionShare(finished),
  };
}

function freshSessionShare(repetitions: readonly Repetition[]): number | undefined {
  const tenThousandths = repetitions.flatMap(({ freshSession }) =>
    freshSession === undefined || freshSession.usualUs === 0
      ? []
      : [1e4 * (freshSession.freshUs / freshSession.usualUs - 1)],
  );
  return tenThousandths.length === 0 ? undefined : Math.max(0, medianOf(tenThousandths)) / 1e4;
}

/** Medians over repetitions, operator types sorted. */
function firstUses(repetitions: readonly Repetition[]): Readonly<Record<string, number>> {
  const types = [...new Set(repetitions.flatMap(({ firstUseUs = {} }) => Object.keys(firstUseUs)))];
  types.sort((a, b) => (a < b ? -1 : 1));
  return Object.fromEntries(
    types.map((type) => [
      type,
      medianOf(repetitions.flatMap(({ firstUseUs }) => (firstUseUs?.[type] === undefined ? [] : [firstUseUs[type]]))),
    ]),
  );
}

/** Σ computeUs of a version, equal nodes once. */
function distinctComputeUs(iteration: TraceIteration | undefined): number {
  const costs = new Map(iteration?.nodes.map(({ signature, computeUs }) => [signature, computeUs]));
  let total = 0;
  for (const computeUs of costs.values()) total += computeUs;
  return total;
}

function minutes(us: number): string {
  const seconds = Math.max(0, Math.round(us / 1e6));
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** Deletes the side file of a recording whose trace is written. */
export async function forgetRepetitions(path: string): Promise<void> {
  await rm(path, { force: true });
}
