import { defineExperiment, type CellView, type Grid } from "../src/harness/experiment.ts";
import { boundOf } from "../src/harness/run-bounds.ts";
import { replay, traceFacts } from "../src/harness/run-replay.ts";
import { linesChart } from "../src/report/charts/lines.ts";
import { budgetBytesOf, parseBudget } from "../src/core/units.ts";
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
    system: ["helix-demo", "helix", "helix-am", "collab", "collab-utility", boundLine],
  },
  quick: { budget: ["1%", "10%", "50%", "none"] },
  estimate: { secondsPerCell: 0.2, memoryMegabytes: 300 },
  inputs: ({ family }) => [`${family}@judged`],
  async *run({ family, budget, system }, context): AsyncGenerator<BudgetRow, void, undefined> {
    const trace = await context.trace(`${family}@judged`);
    context.fact("trace", trace.header.name);
    const totalOf = async (id: string, size: string): Promise<Omit<BudgetRow, "noneUs" | "ratio"> | undefined> => {
      const { rows, budgetBytes, budgetBound, exclusion } = await replay(trace, {
        system: id,
        budget: size,
        signal: context.signal,
      });
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
    const run = await totalOf(system, budget);
    if (run !== undefined) yield { ...run, noneUs, ratio: noneUs / run.totalUs };
  },
  chart: (view) => curve(view.cells, "census"),
  charts: (view) => ({ ie: curve(view.cells, "ie") }),
});

function curve(cells: readonly CellView<Grid, BudgetRow>[], family: string): ReturnType<typeof linesChart> | undefined {
  const own = cells.filter(({ point, rows }) => point["family"] === family && rows.length > 0);
  const [first] = own;
  if (first === undefined) return undefined;
  const label = (budget: string): string => (budget === "none" ? "no limit" : budget.replace("%", " %"));
  const sizes = [...new Set(own.map(({ point }) => String(point["budget"])))];
  return linesChart(
    own.flatMap(({ point, rows }) =>
      rows.map((row) => ({
        system: String(point["system"]),
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
