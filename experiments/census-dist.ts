import { MissingRowsError, ratioClaim, shapeClaim } from "../src/harness/claims.ts";
import { defineExperiment, type Grid, type ResultView } from "../src/harness/experiment.ts";
import { distributionChart } from "../src/report/charts/distribution.ts";
import { ink, systemColour } from "../src/report/charts/theme.ts";
import { formatShare } from "../src/report/charts/units.ts";
import { coverReference, distSequences, sequenceRow, type SequenceRow } from "./drawn-sequences.ts";
import { budgetText, judgedBudget, judgedSystem } from "./iteration-figure.ts";

const source = "HELIX demonstration, PVLDB 2018, Fig. 2b, over drawn sequences";
const perBlock = 100;

type DistView = ResultView<Grid, SequenceRow>;

/** Share of the rows for which a test holds, of those it applies to (null = does not apply). */
function shareOf(
  view: DistView,
  test: (row: SequenceRow) => boolean | null,
): { readonly share: number; readonly of: number } {
  const answers = view.rows.map(test).filter((answer) => answer !== null);
  if (answers.length === 0) throw new MissingRowsError("no sequence it applies to");
  return { share: answers.filter(Boolean).length / answers.length, of: answers.length };
}

/** Reproduced when it holds in 95 % of the sequences, same shape in half of them. */
function inMostSequences(
  id: string,
  claim: string,
  expected: string,
  condition: string,
  test: (row: SequenceRow) => boolean | null,
): ReturnType<typeof shapeClaim<Grid, SequenceRow>> {
  return shapeClaim<Grid, SequenceRow>({
    id,
    claim,
    source,
    expected,
    tolerance: `${condition} in ≥ 95 % of the sequences; same shape in ≥ 50 %`,
    measure: (view) => {
      const { share, of } = shareOf(view, test);
      return {
        got: `holds in ${formatShare(share)} of ${of} sequences`,
        reproduced: share >= 0.95,
        sameShape: share >= 0.5,
      };
    },
  });
}

/** 1,000 drawn Census sequences: verdicts stand on their median and 5–95 % band. */
export const censusDist = defineExperiment({
  id: "census-dist",
  title: "Census: 1,000 drawn sequences",
  reproduces: source,
  group: "demo",
  params: { block: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
  quick: { block: [0] },
  estimate: { secondsPerCell: 2, memoryMegabytes: 300 },
  inputs: () => [coverReference],
  async *run({ block }, context) {
    const cover = await context.trace(coverReference);
    context.fact("why", (await context.traces.judged("census-cover")).why);
    const from = block * perBlock + 1;
    for (const [i, sequence] of distSequences(from, perBlock, cover).entries())
      yield await sequenceRow(sequence, from + i, context);
  },
  chart: (view) =>
    distributionChart(
      [
        {
          label: `${judgedSystem} · simulated`,
          colour: systemColour(judgedSystem, 0),
          values: view.rows.map(({ noneUs, oursUs }) => noneUs / oursUs),
        },
        {
          label: "helix · simulated",
          colour: systemColour("helix", 0),
          values: view.rows.map(({ noneUs, helixUs }) => noneUs / helixUs),
        },
        {
          label: "ceiling (proven lower bound)",
          colour: ink.axis,
          dash: [1, 3],
          values: view.rows.map(({ noneUs, floorUs }) => noneUs / floorUs),
        },
      ],
      [{ label: "paper: about 10", value: 10 }],
      {
        title: "Census: how many times faster than no reuse, over drawn sequences",
        axis: "Cheapest run without reuse ÷ HELIX (cumulative run time of 10 iterations)",
        conditions: [
          String(view.cells[0]?.facts["why"] ?? ""),
          `${view.rows.length} sequences, edits drawn from the (assumed) social-science change types`,
          `accounting uniform · budget ${budgetText(judgedBudget, 0)}: ${view.rows.some(({ budgetBound }) => budgetBound) ? "bound in some" : "did not bind"} · simulated`,
        ],
      },
    ),
  claims: [
    ratioClaim<Grid, SequenceRow>({
      id: "census-ratio",
      claim: "Census: HELIX's cumulative run time is about an order of magnitude lower (drawn sequences)",
      source,
      expected: 10,
      times: 2,
      sameShapeAbove: 1.5,
      compare: (view) => ({
        totals: view.rows.map(({ oursUs, noneUs, floorUs }) => ({ oursUs, noneUs, optimumUs: floorUs })),
        optimumIs: "proven lower bound of each sequence",
        says: `${judgedSystem} against the cheapest run without reuse, ${view.rows.length} sequences of 10 iterations, budget ${judgedBudget}`,
      }),
    }),
    inMostSequences(
      "census-order",
      "Census: for HELIX PPR ≈ 0 < LI < DPR in run time of an iteration (drawn sequences)",
      "PPR ≈ 0 < LI < DPR",
      "medians by change type in this order and PPR ≤ 5 % of the initial run",
      ({ dprUs, liUs, pprUs, initialUs }) =>
        dprUs === null || liUs === null || pprUs === null
          ? null
          : pprUs <= 0.05 * initialUs && pprUs < liUs && liUs < dprUs,
    ),
    inMostSequences(
      "census-keystoneml-flat",
      "Census: KeystoneML's run time per iteration is flat (drawn sequences)",
      "flat",
      "slowest ÷ fastest iteration ≤ 1.5",
      ({ keystoneSpread }) => keystoneSpread <= 1.5,
    ),
    inMostSequences(
      "census-below-deepdive",
      "Census: HELIX is below DeepDive as far as DeepDive goes (drawn sequences)",
      "below",
      "below at the end of the common prefix of two or more iterations",
      ({ deepDiveUs, oursPrefixUs }) =>
        deepDiveUs === null || oursPrefixUs === null ? null : oursPrefixUs < deepDiveUs,
    ),
  ],
});
