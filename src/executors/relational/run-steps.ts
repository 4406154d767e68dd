import { systemClock } from "../../core/clock.ts";
import { type RelationalEngine, throwIfAborted } from "./engine.ts";
import type { Step, Steps } from "./steps.ts";

/** What a run of steps leaves behind, and what may stop it. */
interface StepsRun {
  /** Tables made, in order. */
  readonly created: string[];
  /** Time by node id, in microseconds: that of each step in proportion to its shares. */
  readonly spentUs: Map<string, number>;
  readonly signal: AbortSignal | undefined;
}

/** Runs all steps on an engine. @throws {ExecutorError} when one fails or the signal aborts */
export async function runSteps<T>(engine: RelationalEngine, steps: Steps<T>, run: StepsRun): Promise<T> {
  let answer: unknown;
  for (;;) {
    const { done, value } = steps.next(answer);
    if (done === true) return value;
    const startUs = systemClock.nowUs();
    answer = await answerTo(engine, value, run);
    const us = systemClock.nowUs() - startUs;
    let whole = 0;
    for (const share of value.shares?.values() ?? []) whole += share;
    for (const [id, share] of value.shares ?? [])
      run.spentUs.set(id, (run.spentUs.get(id) ?? 0) + (whole > 0 ? (us * share) / whole : 0));
  }
}

function answerTo(engine: RelationalEngine, step: Step, { created, signal }: StepsRun): Promise<unknown> {
  if (step.kind === "work") {
    engine.onWork?.(step);
    return work(engine, step, signal);
  }
  if ("table" in step) created.push(step.table);
  return engine.answer(step, signal);
}

async function work(
  engine: RelationalEngine,
  step: Extract<Step, { kind: "work" }>,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  try {
    return await step.run(signal);
  } catch (error) {
    throwIfAborted(engine.id, signal);
    throw error;
  }
}
