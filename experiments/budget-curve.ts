import { budgetBytesOf, parseBudget } from "../src/core/units.ts";
import { cellAt, describePoint, MissingRowsError, shapeClaim } from "../src/harness/claims.ts";
import { defineExperiment, type CellView, type Grid, type ResultView } from "../src/harness/experiment.ts";
import type { PartParams } from "../src/harness/parameters.ts";
import { boundOf } from "../src/harness/run-bounds.ts";
import { traceFacts } from "../src/harness/run-replay.ts";
import { policyLabel } from "../src/harness/sweep.ts";
import { linesChart } from "../src/report/charts/lines.ts";
import { formatNumber, formatShare } from "../src/report/charts/units.ts";
import { partsAt, replayUnder, withPlugIns } from "./contenders.ts";
import { boundLine } from "./iteration-figure.ts";

const budgets = ["0%", "1%", "2%", "5%", "10%", "15%", "20%", "30%", "40%", "50%", "75%", "100%", "none"];

interface BudgetRow {
  readonly executor: string;
  readonly accounting: string;
  readonly budgetBytes: number | null;
  readonly totalUs: number;
  /** Cheapest run without reuse. */
  readonly noneUs: number;
  /** noneUs ÷ totalUs. */
  readonly ratio: number;
  /** Largest over the iterations. */
  readonly storedBytes: number;
  readonly budgetBound: boolean;
}

/** One trace at a time with many budgets: where more storage stops paying, and what is left to the bound. */
export const budgetCurve = defineExperiment({
  id: "budget-curve",
  title: "How much reuse saves at which storage budget",
  reproduces: "sensitivity of the HELIX figures to the storage budget (theirs: 10 GB)",
  params: {
    family: ["census", "ie"],
    budget: budgets,
    system: ["helix-demo", "helix", "helix-am", "collab", "collab-utility", boundLine] as string[],
  },
  quick: { budget: ["1%", "10%", "50%", "none"] },
  estimate: { secondsPerCell: 0.2, memoryMegabytes: 300 },
  extend: withPlugIns,
  parts: partsAt,
  inputs: ({ family }) => [`${family}@judged`],
  async *run({ family, budget, system }, context): AsyncGenerator<BudgetRow, void, undefined> {
    const trace = await context.trace(`${family}@judged`);
    context.fact("trace", trace.header.name);
    const totalOf = async (
      id: string,
      size: string,
      params?: PartParams,
    ): Promise<Omit<BudgetRow, "noneUs" | "ratio"> | undefined> => {
      const asked = { system: id, budget: size, ...(params === undefined ? {} : { params }) };
      const { rows, budgetBytes, budgetBound, exclusion } = await replayUnder(trace, asked, context);
      if (exclusion !== undefined && id === system) context.exclude(exclusion);
      if (rows.length < trace.iterations.length) return undefined;
      const storedBytes = Math.max(...rows.map((row) => row.storedBytes));
      const totalUs = rows.at(-1)?.cumulativeUs ?? 0;
      return { executor: "simulated", accounting: "uniform", budgetBytes, totalUs, storedBytes, budgetBound };
    };
    const none = await Promise.all(["helix-nm", "none-fused"].map((id) => totalOf(id, "none")));
    const noneUs = Math.min(...none.map((run) => run?.totalUs ?? Infinity));
    if (system === boundLine) {
      const budgetBytes = budgetBytesOf(parseBudget(budget), traceFacts(trace).intermediateBytes);
      const { us, is } = await boundOf(trace, budgetBytes);
      context.fact("boundIs", is);
      const row = { executor: "bound", accounting: "uniform", budgetBytes, totalUs: us, storedBytes: 0 };
      yield { ...row, budgetBound: false, noneUs, ratio: noneUs / us };
      return;
    }
    const run = await totalOf(system, budget, context.params);
    if (run !== undefined) yield { ...run, noneUs, ratio: noneUs / run.totalUs };
  },
  chart: (view) => curve(view.cells, "census"),
  charts: (view) => ({ ie: curve(view.cells, "ie") }),
  // Stated before the first run on recorded traces.
  claims: [
    shapeClaim<Grid, BudgetRow>({
      id: "small-budget",
      claim: "HELIX needs little storage: a tenth of all intermediate bytes brings nearly the saving of no limit",
      source: "our question; theirs was one budget, 10 GB",
      expected: "at 10 % of the bytes ≥ 90 % of the saving without a limit, on every trace",
      tolerance: "exact; same shape: ≥ 50 % on every trace",
      measure: (view) => {
        const shares = familiesOf(view).map((family) => {
          const [tenth, whole] = ["10%", "none"].map((budget) => rowAt(view, { family, budget, system: "helix" }));
          const most = whole!.noneUs - whole!.totalUs;
          return { family, share: most > 0 ? (tenth!.noneUs - tenth!.totalUs) / most : null };
        });
        const reach = (least: number): boolean => shares.every(({ share }) => share !== null && share >= least);
        return {
          got: shares
            .map(({ family, share }) => `${family} ${share === null ? "saves nothing" : formatShare(share)}`)
            .join(", "),
          reproduced: reach(0.9),
          sameShape: reach(0.5),
        };
      },
    }),
    shapeClaim<Grid, BudgetRow>({
      id: "not-above-always",
      claim: "HELIX is no slower than always materializing",
      source: "HELIX, PVLDB 2018, Fig. 9 (one budget; here at each)",
      expected: "at every budget and trace",
      tolerance: "1 % slower still counts; same shape: at ≥ half of them",
      measure: (view) => {
        const pairs = familiesOf(view).flatMap((family) =>
          budgetsOf(view).map((budget) => {
            const [ours, always] = ["helix", "helix-am"].map((system) => rowAt(view, { family, budget, system }));
            return { family, budget, ratio: ours!.totalUs / always!.totalUs };
          }),
        );
        const held = pairs.filter(({ ratio }) => ratio <= 1.01).length;
        const worst = pairs.reduce((a, b) => (b.ratio > a.ratio ? b : a));
        return {
          got: `at ${held} of ${pairs.length}; worst ${formatNumber(worst.ratio)}x (${worst.family}, ${worst.budget})`,
          reproduced: held === pairs.length,
          sameShape: held * 2 >= pairs.length,
        };
      },
    }),
    shapeClaim<Grid, BudgetRow>({
      id: "stores-less",
      claim: "HELIX stores far less than always materializing",
      source: "HELIX, PVLDB 2018, Fig. 9",
      expected: "without a limit at most half the bytes, on every trace",
      tolerance: "exact; same shape: fewer bytes on every trace",
      measure: (view) => {
        const shares = familiesOf(view).map((family) => {
          const [ours, always] = ["helix", "helix-am"].map((system) => rowAt(view, { family, budget: "none", system }));
          return { family, share: ours!.storedBytes / Math.max(1, always!.storedBytes) };
        });
        return {
          got: shares.map(({ family, share }) => `${family} ${formatShare(share)}`).join(", "),
          reproduced: shares.every(({ share }) => share <= 0.5),
          sameShape: shares.every(({ share }) => share < 1),
        };
      },
    }),
  ],
});

const familiesOf = ({ cells }: ResultView<Grid, BudgetRow>): readonly string[] => [
  ...new Set(cells.map(({ point }) => String(point["family"]))),
];

const budgetsOf = ({ cells }: ResultView<Grid, BudgetRow>): readonly string[] => [
  ...new Set(cells.map(({ point }) => String(point["budget"]))),
];

/** @throws {MissingRowsError} when the cell is missing, or the system did not run the whole trace */
function rowAt(
  view: ResultView<Grid, BudgetRow>,
  at: { readonly family: string; readonly budget: string; readonly system: string },
): BudgetRow {
  const [row] = cellAt(view, at).rows;
  if (row === undefined) throw new MissingRowsError(`no whole run for ${describePoint(at)}`);
  return row;
}

function curve(cells: readonly CellView<Grid, BudgetRow>[], family: string): ReturnType<typeof linesChart> | undefined {
  const own = cells.filter(({ point, rows }) => point["family"] === family && rows.length > 0);
  const [first] = own;
  if (first === undefined) return undefined;
  const label = (budget: string): string => (budget === "none" ? "no limit" : budget.replace("%", " %"));
  const sizes = [...new Set(own.map(({ point }) => String(point["budget"])))];
  return linesChart(
    own.flatMap(({ point, rows }) =>
      rows.map((row) => ({
        system: policyLabel(point),
        executor: row.executor,
        x: label(String(point["budget"])),
        y: row.ratio,
      })),
    ),
    sizes.map(label),
    {
      title: `${family}: how many times faster than no reuse, by storage budget`,
      conditions: [
        `${String(first.facts["trace"] ?? "")} · simulated · accounting uniform: sources never stored, every write charged`,
        `${boundLine}: least any policy pays at that budget`,
      ],
      xTitle: "Storage budget (share of all distinct intermediate bytes)",
      yTitle: "Cheapest run without reuse ÷ run time",
    },
  );
}
