/** Drawn Census sequences, priced from the recording that saw every edit, and what each system pays for them. */
import { rngStream } from "../src/core/rng.ts";
import type { ExperimentContext } from "../src/harness/experiment.ts";
import { floorOf } from "../src/harness/run-bounds.ts";
import { replay, type ReplayTrace } from "../src/harness/run-replay.ts";
import { censusOptions } from "../src/workloads/census/edits.ts";
import { drawCensusSequence } from "../src/workloads/census/index.ts";
import { censusWorkflow } from "../src/workloads/census/workflow.ts";
import { costVersions } from "../src/workloads/costing.ts";
import { flattenEdits, type EditType } from "../src/workloads/edits.ts";
import { sourceByName, drawSequence, editTree, type DrawnRun } from "../src/workloads/sequences.ts";
import { judgedBudget, judgedSystem } from "./iteration-figure.ts";

/** The cheapest without reuse is one of these: memory being unlimited, `keystoneml-aggressive` equals `keystoneml`, `-nocache` costs no less. */
const cheapestWithoutReuse = ["keystoneml", "none-fused"] as const;

/** Data do not matter: structure comes from the edits, costs from the recording. */
const structure = sourceByName("census");

/** Recording that prices them. */
export const coverReference = "census-cover@judged";

/** What one sequence cost, in microseconds. */
export interface SequenceRow {
  readonly sequence: number;
  readonly iterations: number;
  readonly oursUs: number;
  /** The paper's own later rule, beside the judged one. */
  readonly helixUs: number;
  /** Cheapest system without reuse, and its name. */
  readonly noneUs: number;
  readonly none: string;
  /** Proven lower bound of any policy, whatever the budget. */
  readonly floorUs: number;
  /** Iterations DeepDive ran, its total, and ours over the same iterations; null without any beyond the first. */
  readonly deepDiveIterations: number;
  readonly deepDiveUs: number | null;
  readonly oursPrefixUs: number | null;
  readonly initialUs: number;
  /** Medians of our run time by change type; null where the sequence has none. */
  readonly dprUs: number | null;
  readonly liUs: number | null;
  readonly pprUs: number | null;
  /** Slowest ÷ fastest iteration of KeystoneML. */
  readonly keystoneSpread: number;
  readonly budgetBound: boolean;
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Prices many sequences at once: the recording is indexed once for all of them. */
function priced(drawn: readonly (readonly DrawnRun[])[], cover: ReplayTrace, name: string): readonly ReplayTrace[] {
  const first = censusWorkflow(structure);
  const versions = drawn.map((runs) => flattenEdits(editTree(first, censusOptions, runs)));
  const all = costVersions(versions.flat(), cover.iterations);
  let from = 0;
  return versions.map(({ length }, i) => {
    const iterations = all.slice(from, from + length);
    from += length;
    return { header: { format: "reuselab.trace", version: 1, name: `${name}/${i + 1}` }, iterations };
  });
}

/** The sequences that workload `census-dist` draws for the seeds `from` … `from + count − 1`. */
export function distSequences(from: number, count: number, cover: ReplayTrace): readonly ReplayTrace[] {
  const seeds = Array.from({ length: count }, (_, i) => from + i);
  return priced(
    seeds.map((seed) => drawCensusSequence(seed, { iterations: 10 })),
    cover,
    "census-dist",
  );
}

/** Sequences with other frequencies of change types; one stream per draw, so that mixes share their luck. */
export function mixSequences(
  weights: Readonly<Record<EditType, number>>,
  count: number,
  seed: number,
  cover: ReplayTrace,
): readonly ReplayTrace[] {
  const first = censusWorkflow(structure);
  const drawn = Array.from({ length: count }, (_, draw) =>
    drawSequence(first, censusOptions, { iterations: 10, weights }, rngStream(seed, `change-mix/${draw}`)),
  );
  return priced(drawn, cover, "change-mix");
}

/** Replays a sequence under the judged system, `helix`, DeepDive and the cheapest systems without reuse, at the judged budget. */
export async function sequenceRow(
  trace: ReplayTrace,
  sequence: number,
  context: ExperimentContext,
): Promise<SequenceRow> {
  const run = (system: string): ReturnType<typeof replay> =>
    replay(trace, { system, budget: judgedBudget, signal: context.signal, watch: context.watch });
  const ours = await run(judgedSystem);
  const helix = await run("helix");
  const deepDive = await run("deepdive");
  let none = { system: "", us: Number.POSITIVE_INFINITY };
  let keystoneSpread = 1;
  for (const system of cheapestWithoutReuse) {
    const { rows } = await run(system);
    const us = rows.length === ours.rows.length ? (rows.at(-1)?.cumulativeUs ?? Infinity) : Infinity;
    if (us < none.us) none = { system, us };
    if (system === "keystoneml")
      keystoneSpread = Math.max(...rows.map(({ runUs }) => runUs)) / Math.min(...rows.map(({ runUs }) => runUs));
  }
  const by = (type: string): number | null =>
    median(ours.rows.filter(({ changeType }) => changeType === type).map(({ runUs }) => runUs));
  const prefix = deepDive.rows.length;
  return {
    sequence,
    iterations: ours.rows.length,
    oursUs: ours.rows.at(-1)?.cumulativeUs ?? 0,
    helixUs: helix.rows.at(-1)?.cumulativeUs ?? 0,
    noneUs: none.us,
    none: none.system,
    floorUs: await floorOf(trace),
    deepDiveIterations: prefix,
    deepDiveUs: prefix > 1 ? (deepDive.rows.at(-1)?.cumulativeUs ?? null) : null,
    oursPrefixUs: prefix > 1 ? (ours.rows[prefix - 1]?.cumulativeUs ?? null) : null,
    initialUs: ours.rows[0]?.runUs ?? 0,
    dprUs: by("dpr"),
    liUs: by("li"),
    pprUs: by("ppr"),
    keystoneSpread,
    budgetBound: ours.budgetBound,
  };
}
