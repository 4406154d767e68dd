import { type Rng, rngStream } from "../../core/rng.ts";
import { type FusedVersion, fuseVersion, measureFreshSession, measureWholes, type WholeMeasurements } from "./fused.ts";
import { measureIsolated } from "./isolated.ts";
import { compareMetrics, versionMetrics } from "./metrics.ts";
import type { PhaseContext } from "./phase.ts";
import type { RecordingEngine, RecordingPlan, Repetition } from "./recording.ts";
import { distinctResults } from "./result-keys.ts";
import { warmUp, type WarmUpCosts } from "./warm-up.ts";

/** What all repetitions share. */
export interface PreparedPlan {
  readonly plan: RecordingPlan;
  readonly fused: readonly FusedVersion[];
  /** Engine calls that are counted: of a repetition without and with whole runs. */
  readonly calls: { readonly plain: number; readonly withWholes: number };
}

/** Cuts versions into segments and counts the work. */
export function preparePlan(plan: RecordingPlan): PreparedPlan {
  const fused = plan.versions.map(fuseVersion);
  const results = distinctResults(plan.versions).size;
  const segments = new Set(fused.flatMap((version) => version.segments.map(({ key }) => key))).size;
  const wholes = new Set(fused.map(({ wholeKey }) => wholeKey)).size;
  const plain = 4 * results + segments;
  return { plan, fused, calls: { plain, withWholes: plain + wholes } };
}

/** True if a repetition also runs each version as a whole. */
export function hasWholes(plan: RecordingPlan, repetition: number): boolean {
  return repetition < (plan.wholeRepetitions ?? plan.repetitions);
}

/**
 * One repetition: nodes and segments, and versions as wholes, each on a freshly started and warmed-up engine, in alternating
 * order. Both must give the same metric values.
 *
 * @throws {ExecutorError} when the engine fails or its phases contradict each other
 */
export async function runRepetition(
  { plan, fused }: PreparedPlan,
  repetition: number,
  tick: (note: string) => void,
): Promise<Repetition> {
  const context: PhaseContext = {
    keepBytes: plan.keepBytes ?? 4 * 1024 ** 3,
    tick,
    ...(plan.signal === undefined ? {} : { signal: plan.signal }),
  };
  const withEngine = async <T>(
    phase: string,
    act: (engine: RecordingEngine, rng: Rng) => Promise<T>,
  ): Promise<WarmUpCosts & { readonly measured: T }> => {
    const engine = await plan.openEngine();
    try {
      const costs = await warmUp(engine, plan.warmUp ?? plan.versions, plan.warmUps ?? 1, context);
      const measured = await act(engine, rngStream(plan.seed, `record/${repetition}/${phase}`));
      await engine.close();
      return { ...costs, measured };
    } catch (error) {
      try {
        await engine.close();
      } catch {
        // the first failure is the one to tell
      }
      throw error;
    }
  };
  const runWholes = async (): Promise<WholeMeasurements | undefined> => {
    if (!hasWholes(plan, repetition)) return undefined;
    const { measured } = await withEngine("whole", async (engine, rng) =>
      engine.executor.capabilities.fusesSegments ? measureWholes(engine, fused, rng, context) : undefined,
    );
    return measured;
  };
  const wholesFirst = repetition % 2 === 1 ? await runWholes() : undefined;
  const isolated = await withEngine("isolated", async (engine, rng) => {
    const measured = await measureIsolated(engine, fused, rng, context);
    const [first] = fused;
    const fresh =
      first === undefined ? undefined : await measureFreshSession(engine, first, measured.segments, context);
    return { ...measured, fresh };
  });
  const whole = wholesFirst ?? (repetition % 2 === 0 ? await runWholes() : undefined);

  const { nodes, segments, isCold, fresh } = isolated.measured;
  for (const { version, wholeKey } of fused) {
    const seen = whole?.metrics.get(wholeKey);
    if (seen !== undefined)
      compareMetrics(versionMetrics(version, nodes), seen, `iteration ${version.iteration}`, plan.metricTolerance);
  }
  return {
    repetition,
    nodes: Object.fromEntries(nodes),
    segments: Object.fromEntries(segments),
    wholes: Object.fromEntries(whole?.wholes ?? []),
    ...(plan.warmUp === undefined ? {} : { fixedCostUs: isolated.fixedCostUs }),
    firstUseUs: isolated.firstUseUs,
    ...(fresh === undefined ? {} : { freshSession: fresh }),
    isCold,
  };
}
