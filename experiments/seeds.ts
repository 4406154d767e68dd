import { defineExperiment, type Grid, type ResultTable, type ResultView } from "../src/harness/experiment.ts";
import { replay } from "../src/harness/run-replay.ts";
import { floorOf } from "../src/harness/run-bounds.ts";
import { linearQuantile, pairedRatio } from "../src/harness/statistics.ts";
import { rngStream } from "../src/core/rng.ts";
import { formatNumber } from "../src/report/charts/units.ts";
import { coverReference, distSequences } from "./drawn-sequences.ts";
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
    system: ["helix-demo", "helix", "helix-am", never, "none-fused", "collab", boundLine],
    budget: ["10%", "none"],
  },
  quick: { sequence: seeds.slice(0, 10), budget: ["none"] },
  estimate: { secondsPerCell: 0.02, memoryMegabytes: 300 },
  inputs: () => [coverReference],
  async *run({ sequence, system, budget }, context): AsyncGenerator<SeedRow, void, undefined> {
    const [trace] = distSequences(sequence, 1, await context.trace(coverReference));
    if (trace === undefined) return;
    if (system === boundLine) {
      const totalUs = await floorOf(trace);
      const iterations = trace.iterations.length;
      yield { executor: "bound", accounting: "uniform", iterations, totalUs, storedBytes: 0 };
      return;
    }
    const { rows, exclusion } = await replay(trace, { system, budget, signal: context.signal });
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
});

/** Per system and budget: run time ÷ never storing over the sequences both ran. */
function spread(view: ResultView<Grid, SeedRow>): ResultTable {
  const totals = new Map<string, number>();
  const keyOf = (sequence: unknown, budget: unknown, system: unknown): string =>
    JSON.stringify([sequence, budget, system]);
  for (const { point, rows } of view.cells)
    for (const { totalUs } of rows) totals.set(keyOf(point["sequence"], point["budget"], point["system"]), totalUs);
  const values = (name: string): readonly unknown[] => [...new Set(view.cells.map(({ point }) => point[name]))];
  const rows = values("budget").flatMap((budget) =>
    values("system").flatMap((system) => {
      const pairs = values("sequence").flatMap((sequence): (readonly [number, number])[] => {
        const [us, base] = [totals.get(keyOf(sequence, budget, system)), totals.get(keyOf(sequence, budget, never))];
        return us === undefined || base === undefined ? [] : [[us, base]];
      });
      if (pairs.length < 2) return [];
      const ratios = pairs.map(([us, base]) => us / base).sort((a, b) => a - b);
      const { estimate, low, high } = pairedRatio(pairs, rngStream(view.seed, "seeds/bootstrap"));
      return [
        [
          String(system),
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
