import { shapeClaim } from "../src/harness/claims.ts";
import { defineExperiment, type Grid } from "../src/harness/experiment.ts";
import { barsChart } from "../src/report/charts/bars.ts";
import { formatNumber } from "../src/report/charts/units.ts";
import { budgetChart, budgetGrid, budgetTables } from "./collab-budgets.ts";
import {
  budgetLabel,
  budgetOf,
  isKaggleCell,
  isUnlimited,
  type KaggleCell,
  kaggleCell,
  kaggleExecutor,
  kaggleInputs,
  kaggleLines,
  type KaggleRow,
  type KaggleView,
  measured,
  type RealRuns,
  replayed,
  runKaggle,
  seconds,
  totalOf,
} from "./collab-kaggle.ts";
import { measuredConditions, measuredPoints, measuredTable } from "./collab-measured.ts";
import { collabAccountings } from "./collab-openml.ts";

const source = "SIGMOD 2020, total run time by materializer and budget";

/** Real runs: every line at the two budgets that the claims speak of. */
const real: RealRuns = { lines: Object.keys(kaggleLines), budgets: ["8GB", "32GB"] };
const realRepetitions: readonly number[] = [1, 2, 3];

const total = (view: KaggleView, accounting: string, line: string, budget?: string): number =>
  totalOf(kaggleCell(view, { line, accounting, ...(budget === undefined ? {} : { budget }) }));

/** "A takes N times as long as B". */
function ratio(
  accounting: string,
  claim: {
    readonly id: string;
    readonly says: string;
    readonly budget: string;
    readonly slower: string;
    readonly faster: string;
    readonly expected: number;
    readonly within: number;
  },
): ReturnType<typeof shapeClaim<Grid, KaggleRow>> {
  const { id, says, budget, slower, faster, expected, within } = claim;
  return shapeClaim<Grid, KaggleRow>({
    id: `${id}-${accounting}`,
    claim: says,
    source: `${source}; accounting ${accounting}`,
    expected: `${expected}x`,
    tolerance: `± ${within}; same shape above 1.02x`,
    measure: (view) => {
      const of = (line: string): number => total(view, accounting, line, line === "all" ? undefined : budget);
      const got = of(slower) / of(faster);
      return {
        got: `${formatNumber(got)}x`,
        reproduced: Math.abs(got - expected) <= within,
        sameShape: got > 1.02,
        note: `${slower} ${seconds(of(slower))} s, ${faster} ${seconds(of(faster))} s`,
      };
    },
  });
}

/** Time of all eight workloads under each materializer and budget. */
export const collabRunTime = defineExperiment({
  id: "collab-run-time",
  title: "Kaggle: total run time by materializer and budget",
  reproduces: source,
  group: "collab",
  params: {
    on: [replayed, measured] as string[],
    repetition: realRepetitions,
    accounting: budgetGrid.accounting,
    budget: budgetGrid.budget,
    line: budgetGrid.line,
  },
  quick: { on: [replayed] },
  when: (point, around) => isKaggleCell(point, around, real),
  executor: kaggleExecutor,
  inputs: kaggleInputs,
  estimate: { secondsPerCell: 10, memoryMegabytes: 1_000 },
  run: runKaggle,
  chart: (view) => runTimeChart(view, "collab"),
  charts: (view) => ({ uniform: runTimeChart(view, "uniform"), measured: measuredChart(view) }),
  tables: (view) =>
    [
      ...budgetTables(view, (accounting) => [
        { title: "total s", of: (cell) => seconds(totalOf(cell)) },
        { title: "÷ all", of: (cell) => timesAll(view, accounting, cell) },
      ]),
      measuredTable(view, {
        says: "All eight workloads in order, run for real",
        labelOf: lineOf,
        of: () => "",
        us: (rows) => rows.at(-1)!.cumulativeUs,
      }),
    ].filter((table) => table !== undefined),
  claims: collabAccountings.flatMap((accounting) => [
    ratio(accounting, {
      id: "sa-near-all",
      says: "With 8 GB SA takes about 100 s more than storing all, which halves some 2,000 s",
      budget: "8GB",
      slower: "collab",
      faster: "all",
      expected: 1.1,
      within: 0.1,
    }),
    ratio(accounting, {
      id: "hm-behind-sa",
      says: "With 8 GB HM takes 50 % longer than SA",
      budget: "8GB",
      slower: "collab-utility",
      faster: "collab",
      expected: 1.5,
      within: 0.25,
    }),
    shapeClaim<Grid, KaggleRow>({
      id: `helix-worst-${accounting}`,
      claim: "With 8 GB HL takes 20 % longer than HM and 90 % longer than SA",
      source: `${source}; accounting ${accounting}; HL is judged as order and band`,
      expected: "HL > HM > SA",
      tolerance: "in this order, HL ÷ SA between 1.3 and 2.9; same shape when HL is the slowest",
      measure: (view) => {
        const [hl, hm, sa] = ["collab-helix", "collab-utility", "collab"].map((line) =>
          total(view, accounting, line, "8GB"),
        ) as [number, number, number];
        return {
          got: `HL ${formatNumber(hl / sa)}, HM ${formatNumber(hm / sa)}, SA 1`,
          reproduced: hl > hm && hm > sa && hl / sa >= 1.3 && hl / sa <= 2.9,
          sameShape: hl > Math.max(hm, sa),
        };
      },
    }),
    shapeClaim<Grid, KaggleRow>({
      id: `helix-catches-up-${accounting}`,
      claim: "With 32 GB HL takes about as long as HM",
      source: `${source}; accounting ${accounting}; HL is judged as order and band`,
      expected: "1x",
      tolerance: "within 10 %; same shape within 25 %",
      measure: (view) => {
        const got = total(view, accounting, "collab-helix", "32GB") / total(view, accounting, "collab-utility", "32GB");
        return {
          got: `${formatNumber(got)}x`,
          reproduced: got >= 1 / 1.1 && got <= 1.1,
          sameShape: got >= 1 / 1.25 && got <= 1.25,
        };
      },
    }),
  ]),
});

function timesAll(view: KaggleView, accounting: string, cell: KaggleCell): string {
  const isThere = view.cells.some(
    ({ point, rows }) =>
      point["on"] === replayed && point["line"] === "all" && point["accounting"] === accounting && rows.length > 0,
  );
  return isThere ? formatNumber(totalOf(cell) / total(view, accounting, "all")) : "";
}

function runTimeChart(view: KaggleView, accounting: string): ReturnType<typeof budgetChart> {
  return budgetChart(view, accounting, {
    title: "Kaggle workloads: total run time by budget",
    level: "kg and all have no budget",
    yTitle: "Time of all eight workloads (s)",
    of: (cell) => totalOf(cell) / 1e6,
  });
}

/** Line and budget, as real runs are told apart. */
const lineOf = (cell: KaggleCell): string => {
  const line = String(cell.point["line"]);
  return isUnlimited(line) ? line : `${line}, ${budgetOf(cell)}`;
};

/** Medians of the real runs; lines without a budget stand at both. */
function measuredChart(view: KaggleView): ReturnType<typeof barsChart> | undefined {
  const whole = measuredPoints(view, lineOf, { x: ({ run }) => `W${run}`, us: ({ cumulativeUs }) => cumulativeUs });
  const last = whole.at(-1)?.x;
  if (last === undefined) return undefined;
  const bars = whole
    .filter(({ x }) => x === last)
    .flatMap(({ system, ...rest }) => {
      const [line = "", budget] = system.split(", ");
      return (budget === undefined ? real.budgets : [budget]).map((at) => ({
        ...rest,
        system: line,
        x: budgetLabel(at),
      }));
    });
  return barsChart(bars, real.budgets.map(budgetLabel), {
    title: "Kaggle workloads, for real: total run time by budget",
    conditions: [...measuredConditions(view), "kg and all have no budget"],
    xTitle: "Budget",
    seriesTitle: "Line · executor",
    yTitle: "Time of all eight workloads (s)",
  });
}
