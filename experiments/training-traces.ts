/**
 * The traces that parameters are tuned on, declared here and judged nowhere: Census sequences drawn from seeds that no
 * experiment draws, priced from the recording of all edits (which is no family of the arena), and short `openml-like` streams.
 */
import type { Surroundings } from "../src/harness/experiment.ts";
import type { ReplayTrace } from "../src/harness/run-replay.ts";
import type { TraceLibrary } from "../src/harness/run-traces.ts";
import { tune, type Tuned } from "../src/harness/tuning.ts";
import type { SystemSpec } from "../src/core/system.ts";
import { openmlStream } from "../src/workloads/openml/stream.ts";
import { coverReference, distSequences } from "./drawn-sequences.ts";

/** First seed and number of the Census sequences; `seeds` and `census-dist` judge on 1 to 1,000. */
const census = { from: 9_001, count: 4 } as const;

/** Seeds of the streams, and runs in each. */
const openml = { seeds: [9_001, 9_002], pipelines: 40 } as const;

/** Budgets that parameters are tuned at, the same for every run, quick or not. */
export const trainingBudgets = ["10%", "50%"] as const;

/** References of recordings that training needs; empty where the library has none, then the streams train alone. */
export function trainingInputs(traces: TraceLibrary): readonly string[] {
  return traces.families().includes("census-cover") ? [coverReference] : [];
}

/** What the training traces are, for tables. */
export function trainingText(traces: TraceLibrary): string {
  const drawn =
    trainingInputs(traces).length === 0
      ? ""
      : `census-dist seeds ${census.from} to ${census.from + census.count - 1}, `;
  return `${drawn}openml-like seeds ${openml.seeds.join(" and ")} (${openml.pipelines} runs each), budgets ${trainingBudgets.join(" and ")}`;
}

const known = new WeakMap<TraceLibrary, Promise<readonly ReplayTrace[]>>();

/** The training traces, made once per library. */
export function trainingTraces(traces: TraceLibrary): Promise<readonly ReplayTrace[]> {
  const before = known.get(traces);
  if (before !== undefined) return before;
  const made = (async (): Promise<readonly ReplayTrace[]> => {
    const [cover] = await Promise.all(trainingInputs(traces).map((reference) => traces.load(reference)));
    const drawn = cover === undefined ? [] : distSequences(census.from, census.count, cover);
    return [...drawn, ...openml.seeds.map((seed) => openmlStream(seed, { pipelines: openml.pipelines }))];
  })();
  known.set(traces, made);
  return made;
}

const tunings = new WeakMap<TraceLibrary, Map<string, Promise<Tuned>>>();

/** Tunes a system, once per library: every budget and every judged trace gets the same parameters. */
export function tunedSystem(
  system: SystemSpec,
  { traces, plugIns }: Surroundings,
  signal?: AbortSignal,
): Promise<Tuned> {
  const ofLibrary = tunings.get(traces) ?? new Map<string, Promise<Tuned>>();
  tunings.set(traces, ofLibrary);
  const before = ofLibrary.get(system.id);
  if (before !== undefined) return before;
  const tuned = trainingTraces(traces).then((all) =>
    tune({ system, plugIns, traces: all, budgets: trainingBudgets, ...(signal === undefined ? {} : { signal }) }),
  );
  ofLibrary.set(system.id, tuned);
  return tuned;
}
