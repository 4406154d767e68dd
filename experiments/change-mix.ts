import { shapeClaim } from "../src/harness/claims.ts";
import { defineExperiment, type Grid } from "../src/harness/experiment.ts";
import { linearQuantile } from "../src/harness/statistics.ts";
import { simplexChart } from "../src/report/charts/simplex.ts";
import { formatNumber } from "../src/report/charts/units.ts";
import { coverReference, mixSequences, sequenceRow } from "./drawn-sequences.ts";
import { budgetText, judgedBudget, judgedSystem } from "./iteration-figure.ts";

const steps = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100] as const;
const draws = 30;

interface MixRow {
  readonly dpr: number;
  readonly li: number;
  readonly ppr: number;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  readonly ceiling: number;
  /** Share of the draws in which HELIX is not below the cheapest run without reuse. */
  readonly notBelow: number;
}

/** HELIX against no reuse over the whole simplex of change-type frequencies: the multinomials are assumed, so all are tried. */
export const changeMix = defineExperiment({
  id: "change-mix",
  title: "Census: change-type frequencies over the whole simplex",
  reproduces: "sensitivity of the HELIX papers' Census figure to the assumed change-type frequencies",
  params: { dpr: steps, li: steps },
  quick: { dpr: [0, 50, 100], li: [0, 50, 100] },
  estimate: { secondsPerCell: 0.4, memoryMegabytes: 300 },
  when: ({ dpr, li }) => dpr + li <= 100,
  inputs: () => [coverReference],
  async *run({ dpr, li }, context): AsyncGenerator<MixRow, void, undefined> {
    const cover = await context.trace(coverReference);
    context.fact("why", (await context.traces.judged("census-cover")).why);
    const ppr = 100 - dpr - li;
    const ratios: number[] = [];
    const ceilings: number[] = [];
    for (const [draw, sequence] of mixSequences({ dpr, li, ppr }, draws, context.seed, cover).entries()) {
      const row = await sequenceRow(sequence, draw, context);
      ratios.push(row.noneUs / row.oursUs);
      ceilings.push(row.noneUs / row.floorUs);
    }
    ratios.sort((a, b) => a - b);
    ceilings.sort((a, b) => a - b);
    yield {
      dpr,
      li,
      ppr,
      ratio: linearQuantile(ratios, 0.5),
      low: linearQuantile(ratios, 0.05),
      high: linearQuantile(ratios, 0.95),
      ceiling: linearQuantile(ceilings, 0.5),
      notBelow: ratios.filter((ratio) => ratio <= 1).length / ratios.length,
    };
  },
  chart: (view) =>
    simplexChart(
      view.rows.map(({ dpr, li, ppr, ratio, low, high, ceiling }) => ({
        dpr,
        li,
        ppr,
        value: ratio,
        says: `times faster [${formatNumber(low)}, ${formatNumber(high)}], ceiling ${formatNumber(ceiling)}`,
      })),
      {
        title: "Census: how many times faster than no reuse, by change-type frequencies",
        scale: "times faster",
        conditions: [
          String(view.cells[0]?.facts["why"] ?? ""),
          `median of ${draws} drawn sequences of 10 iterations each · ${judgedSystem} · simulated`,
          `accounting uniform · budget ${budgetText(judgedBudget, 0)}`,
        ],
      },
    ),
  claims: [
    shapeClaim<Grid, MixRow>({
      id: "below-everywhere",
      claim: "HELIX is below no reuse whatever the change-type frequencies",
      source: "our question: the papers' frequencies are not known",
      expected: "below everywhere",
      tolerance: "5 % quantile above 1 at every point; same shape when the median is",
      measure: ({ rows }) => {
        const worst = rows.reduce((a, b) => (b.low < a.low ? b : a));
        return {
          got: `worst 5 % quantile ${formatNumber(worst.low)}x (dpr ${worst.dpr} %, li ${worst.li} %)`,
          reproduced: rows.every(({ low }) => low > 1),
          sameShape: rows.every(({ ratio }) => ratio > 1),
        };
      },
    }),
  ],
});
