import { cellAt, MissingRowsError, shapeClaim } from "../src/harness/claims.ts";
import { defineExperiment, type Grid, type ResultTable, type ResultView } from "../src/harness/experiment.ts";
import { floorOf } from "../src/harness/run-bounds.ts";
import type { ReplayTrace } from "../src/harness/run-replay.ts";
import { policyLabel } from "../src/harness/sweep.ts";
import { linearQuantile, pairedRatio } from "../src/harness/statistics.ts";
import { rngStream } from "../src/core/rng.ts";
import { formatNumber, formatShare } from "../src/report/charts/units.ts";
import { coverReference, distSequences } from "./drawn-sequences.ts";
import { partsAt, replayUnder, withPlugIns } from "./contenders.ts";
import { boundLine } from "./iteration-figure.ts";

const never = "helix-nm";
const seeds = Array.from({ length: 100 }, (_, i) => i + 1);

interface SeedRow {
  readonly executor: string;
  readonly accounting: string;
  readonly iterations: number;
  readonly totalUs: number;
  readonly storedBytes: number;
}

/** How far results depend on the drawn edits: every system on the same hundred Census sequences. */
export const seedSweep = defineExperiment({
  id: "seeds",
  title: "Census: how much the drawn sequence matters",
  reproduces: "sensitivity of the HELIX figures to the random edits (theirs: one drawn sequence)",
  params: {
    sequence: seeds,
    system: ["helix-demo", "helix", "helix-am", never, "none-fused", "collab", boundLine] as string[],
    budget: ["10%", "none"],
  },
  quick: { sequence: seeds.slice(0, 10), budget: ["none"] },
  estimate: { secondsPerCell: 0.02, memoryMegabytes: 300 },
  extend: withPlugIns,
  parts: partsAt,
  inputs: () => [coverReference],
  async *run({ sequence, system, budget }, context): AsyncGenerator<SeedRow, void, undefined> {
    const trace = sequenceOf(sequence, await context.trace(coverReference));
    if (system === boundLine) {
      const totalUs = await floorOf(trace);
      const iterations = trace.iterations.length;
      yield { executor: "bound", accounting: "uniform", iterations, totalUs, storedBytes: 0 };
      return;
    }
    const { rows, exclusion } = await replayUnder(trace, { system, budget, params: context.params }, context);
    if (exclusion !== undefined) context.exclude(exclusion);
    if (rows.length < trace.iterations.length) return;
    yield {
      executor: "simulated",
      accounting: "uniform",
      iterations: rows.length,
      totalUs: rows.at(-1)?.cumulativeUs ?? 0,
      storedBytes: Math.max(...rows.map((row) => row.storedBytes)),
    };
  },
  tables: (view) => [spread(view)],
  // Stated before the first run on recorded traces.
  claims: [
    shapeClaim<Grid, SeedRow>({
      id: "below-never",
      claim: "HELIX is below no reuse whatever sequence is drawn",
      source: "HELIX demo, Fig. 2b, shows one drawn sequence",
      expected: "in ≥ 95 % of the sequences, without a limit",
      tolerance: "exact; same shape: in more than half",
      measure: (view) => {
        const ratios = ratiosOf(view, "helix", "none");
        const below = ratios.filter((ratio) => ratio < 1).length;
        return {
          got: `${formatShare(below / ratios.length)} of ${ratios.length}`,
          reproduced: below >= 0.95 * ratios.length,
          sameShape: below * 2 > ratios.length,
        };
      },
    }),
    shapeClaim<Grid, SeedRow>({
      id: "one-sequence-tells",
      claim: "one drawn sequence tells what others would",
      source: "HELIX demo, Fig. 2b, rests on one drawn sequence",
      expected: "run time ÷ never storing: 5 to 95 % band within ± 20 % of the median",
      tolerance: "exact; same shape: within ± 50 %",
      measure: (view) => {
        const ratios = ratiosOf(view, "helix", "none");
        const [low, middle, high] = [0.05, 0.5, 0.95].map((p) => linearQuantile(ratios, p));
        const off = Math.max(middle! - low!, high! - middle!) / middle!;
        return {
          got: `${formatNumber(middle!)} [${formatNumber(low!)}, ${formatNumber(high!)}], off by ${formatShare(off)}`,
          reproduced: off <= 0.2,
          sameShape: off <= 0.5,
        };
      },
    }),
  ],
});

const recent = new WeakMap<ReplayTrace, Map<number, ReplayTrace>>();

/** The sequence of a seed. The last few are kept: the systems that run it come one after the other. */
function sequenceOf(seed: number, cover: ReplayTrace): ReplayTrace {
  const kept = recent.get(cover) ?? new Map<number, ReplayTrace>();
  recent.set(cover, kept);
  const before = kept.get(seed);
  if (before !== undefined) return before;
  const [trace] = distSequences(seed, 1, cover);
  const [oldest] = kept.keys();
  if (kept.size >= 8 && oldest !== undefined) kept.delete(oldest);
  kept.set(seed, trace!);
  return trace!;
}

/** Run time ÷ never storing per sequence, ascending. @throws {MissingRowsError} when there are fewer than two */
function ratiosOf(view: ResultView<Grid, SeedRow>, system: string, budget: string): readonly number[] {
  const ratios = view.cells.flatMap(({ point, rows: [row] }) => {
    if (row === undefined || policyLabel(point) !== system || point["budget"] !== budget) return [];
    const [base] = cellAt(view, { sequence: point["sequence"] ?? null, budget, system: never }).rows;
    return base === undefined ? [] : [row.totalUs / base.totalUs];
  });
  if (ratios.length < 2) throw new MissingRowsError(`no runs of ${system} at budget ${budget}`);
  return ratios.sort((a, b) => a - b);
}

/** Per system and budget: run time ÷ never storing over the sequences both ran. */
function spread(view: ResultView<Grid, SeedRow>): ResultTable {
  const totals = new Map<string, number>();
  const keyOf = (sequence: unknown, budget: unknown, system: unknown): string =>
    JSON.stringify([sequence, budget, system]);
  for (const { point, rows } of view.cells)
    for (const { totalUs } of rows) totals.set(keyOf(point["sequence"], point["budget"], policyLabel(point)), totalUs);
  const values = (name: string): readonly unknown[] => [...new Set(view.cells.map(({ point }) => point[name]))];
  const policies = [...new Set(view.cells.map(({ point }) => policyLabel(point)))];
  const rows = values("budget").flatMap((budget) =>
    policies.flatMap((system) => {
      const pairs = values("sequence").flatMap((sequence): (readonly [number, number])[] => {
        const [us, base] = [totals.get(keyOf(sequence, budget, system)), totals.get(keyOf(sequence, budget, never))];
        return us === undefined || base === undefined ? [] : [[us, base]];
      });
      if (pairs.length < 2) return [];
      const ratios = pairs.map(([us, base]) => us / base).sort((a, b) => a - b);
      const { estimate, low, high } = pairedRatio(pairs, rngStream(view.seed, "seeds/bootstrap"));
      return [
        [
          system,
          String(budget),
          String(pairs.length),
          `${formatNumber(estimate)} [${formatNumber(low)}, ${formatNumber(high)}]`,
          `${formatNumber(linearQuantile(ratios, 0.05))} to ${formatNumber(linearQuantile(ratios, 0.95))}`,
          formatNumber(ratios.at(-1) ?? 1),
        ],
      ];
    }),
  );
  return {
    title: "Spread over sequences",
    note: `Run time ÷ that of ${never} on the same sequence; geometric mean with its 95 % paired bootstrap interval.`,
    header: ["system", "budget", "sequences", "ratio", "5 to 95 %", "worst"],
    rows,
  };
}
