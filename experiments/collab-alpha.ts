import { systems } from "../src/baselines/index.ts";
import { MissingRowsError, shapeClaim } from "../src/harness/claims.ts";
import { defineExperiment, type CellView, type Grid, type ResultView } from "../src/harness/experiment.ts";
import { linesChart } from "../src/report/charts/lines.ts";
import { formatNumber } from "../src/report/charts/units.ts";
import { benchmarkStream, collabAccountings, replayStream, streamTable, type StreamRow } from "./collab-openml.ts";

const source = "SIGMOD 2020, quality (b), α";
const alphas = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1];

type View = ResultView<Grid, StreamRow>;
type Cell = CellView<Grid, StreamRow>;

/** Cells of one accounting by rising α. @throws {MissingRowsError} unless all are there */
function cellsOf(view: View, accounting: string): readonly Cell[] {
  const cells = view.cells.filter(({ point, rows }) => point["accounting"] === accounting && rows.length > 0);
  if (cells.length !== alphas.length)
    throw new MissingRowsError(`only ${cells.length} of ${alphas.length} values of α`);
  return [...cells].sort((a, b) => Number(a.point["alpha"]) - Number(b.point["alpha"]));
}

/** Runs until the longest-lived best model was stored for as long as it stayed the best; Infinity if it never was. */
const storedAfter = ({ facts }: Cell): number => {
  const runs = facts["goldStoredAfter"];
  return typeof runs === "number" ? runs : Number.POSITIVE_INFINITY;
};

const alphaOf = ({ point }: Cell): number => Number(point["alpha"]);
const totalOf = ({ rows }: Cell): number => rows.at(-1)!.totalUs;

/** Room for one artifact: how soon quality finds the model that is worth keeping. */
export const collabAlpha = defineExperiment({
  id: "collab-alpha",
  title: "OpenML-like stream: weight of quality when one artifact fits",
  reproduces: source,
  group: "collab",
  params: { accounting: collabAccountings, alpha: alphas, runs: [2_000] as number[] },
  quick: { runs: [400] },
  estimate: { secondsPerCell: 2, memoryMegabytes: 300 },
  async *run({ accounting, alpha, runs }, context): AsyncGenerator<StreamRow, void, undefined> {
    const stream = benchmarkStream(context.seed, runs);
    const lives = new Map<number, number>();
    for (const best of stream.gold) if (best >= 0) lives.set(best, (lives.get(best) ?? 0) + 1);
    const [longest, life] = [...lives].reduce((a, b) => (b[1] > a[1] ? b : a));
    const sizes = stream.iterations.flatMap(({ nodes }) =>
      nodes.filter(({ quality }) => quality !== undefined).map(({ sizeBytes }) => sizeBytes),
    );
    const oneArtifact = sizes.reduce((a, b) => Math.max(a, b), 0);
    const reign = stream.gold.lastIndexOf(longest);
    let lastMissing = longest - 1;
    yield* replayStream(
      stream,
      {
        system: systems["collab-utility"],
        budget: `${oneArtifact}B`,
        accounting,
        params: { alpha },
        every: Math.ceil(runs / 20),
        onStored: (run, stored) => {
          if (run >= longest && run <= reign && !stored.has(stream.models[longest]!)) lastMissing = run;
        },
      },
      context,
    );
    context.fact("goldFoundAt", longest + 1);
    context.fact("goldLives", life);
    context.fact("goldStoredAfter", lastMissing === reign ? "never" : lastMissing + 1 - longest);
    context.fact("budgetBytes", oneArtifact);
  },
  chart: (view) => alphaChart(view, "collab"),
  charts: (view) => ({ uniform: alphaChart(view, "uniform") }),
  tables: (view) => [
    ...collabAccountings
      .map((accounting) => streamTable(view, accounting, "alpha"))
      .filter((table) => table !== undefined),
    {
      title: "When the longest-lived best model was stored",
      note: "for as long as it stayed the best, in runs after it was found; room for the largest model",
      header: ["accounting", "α", "found at run", "best for runs", "stored after"],
      rows: view.cells.map(({ point, facts }) => [
        point.accounting,
        String(point["alpha"]),
        String(facts["goldFoundAt"]),
        String(facts["goldLives"]),
        String(facts["goldStoredAfter"]),
      ]),
    },
  ],
  claims: collabAccountings.flatMap((accounting) => [
    shapeClaim<Grid, StreamRow>({
      id: `late-below-a-quarter-${accounting}`,
      claim: "With α ≤ 0.25 the long-lived best model is stored for good only after more than 100 runs",
      source: `${source}; accounting ${accounting}`,
      expected: "> 100 runs for α ≤ 0.25",
      tolerance:
        "every α ≤ 0.25 after 100 runs and every α > 0.25 before; same shape when the former are all later than α = 1",
      measure: (view) => {
        const cells = cellsOf(view, accounting);
        const low = cells.filter((cell) => alphaOf(cell) <= 0.25);
        const high = cells.filter((cell) => alphaOf(cell) > 0.25);
        const whole = cells.at(-1)!;
        return {
          got: cells.map((cell) => `α ${alphaOf(cell)}: ${String(cell.facts["goldStoredAfter"])}`).join(", "),
          reproduced: low.every((cell) => storedAfter(cell) > 100) && high.every((cell) => storedAfter(cell) <= 100),
          sameShape: low.every((cell) => storedAfter(cell) > storedAfter(whole)),
          note: `found at run ${String(whole.facts["goldFoundAt"])} and best for ${String(whole.facts["goldLives"])} runs`,
        };
      },
    }),
    shapeClaim<Grid, StreamRow>({
      id: `less-quality-costs-${accounting}`,
      claim: "The smaller α, the more the stream costs beyond α = 1",
      source: `${source}; accounting ${accounting}`,
      expected: "falls with α",
      tolerance: "never rises with α by more than 1 % of the total; same shape when α = 0 costs more than α = 1",
      measure: (view) => {
        const cells = cellsOf(view, accounting);
        const least = totalOf(cells.at(-1)!);
        return {
          got: cells.map((cell) => `α ${alphaOf(cell)}: ${formatNumber((totalOf(cell) - least) / 1e6)} s`).join(", "),
          reproduced: cells.every((cell, i) => i === 0 || totalOf(cell) <= totalOf(cells[i - 1]!) + 0.01 * least),
          sameShape: totalOf(cells[0]!) > least,
        };
      },
    }),
  ]),
});

function alphaChart(view: View, accounting: string): ReturnType<typeof linesChart> | undefined {
  const cells = view.cells.filter(({ point, rows }) => point["accounting"] === accounting && rows.length > 0);
  const whole = cells.find((cell) => alphaOf(cell) === 1);
  if (whole === undefined) return undefined;
  return linesChart(
    cells
      .filter((cell) => cell !== whole)
      .flatMap((cell) =>
        cell.rows.map(({ executor, runs, totalUs }, i) => ({
          system: `α = ${alphaOf(cell)}`,
          executor,
          x: String(runs),
          y: (totalUs - whole.rows[i]!.totalUs) / 1e6,
        })),
      ),
    whole.rows.map(({ runs }) => String(runs)),
    {
      title: "OpenML-like stream: cumulative run time beyond that of α = 1",
      conditions: [
        "collab-utility · room for the largest model · every run also runs the best earlier pipeline again",
        `accounting ${accounting} · costs, sizes and qualities modelled`,
      ],
      xTitle: "Runs",
      yTitle: "Seconds more than α = 1",
    },
  );
}
