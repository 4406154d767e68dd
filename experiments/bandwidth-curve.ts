import { linearModel } from "../src/core/cost-model.ts";
import type { TraceIteration } from "../src/core/iteration.ts";
import { defineExperiment } from "../src/harness/experiment.ts";
import type { PartParams } from "../src/harness/parameters.ts";
import { floorOf } from "../src/harness/run-bounds.ts";
import { policyLabel } from "../src/harness/sweep.ts";
import { linesChart } from "../src/report/charts/lines.ts";
import { partsAt, replayUnder, withPlugIns } from "./contenders.ts";
import { boundLine, judgedBudget } from "./iteration-figure.ts";

const megabytesPerSecond = [10, 30, 100, 170, 300, 1000, 3000, 10_000] as const;

interface CurveRow {
  readonly executor: string;
  readonly accounting: string;
  readonly totalUs: number;
  readonly noneUs: number;
  /** Against the cheapest run without reuse. */
  readonly ratio: number;
}

/** The judged traces with every load and write priced by one bandwidth: when does storing pay? */
export const bandwidthCurve = defineExperiment({
  id: "bandwidth-curve",
  title: "How much reuse saves at which storage bandwidth",
  reproduces: "sensitivity of the HELIX figures to the storage device (theirs: 170 MB/s)",
  params: {
    family: ["census", "ie"],
    megabytesPerSecond,
    system: ["helix-demo", "helix", "helix-am", boundLine] as string[],
  },
  quick: { megabytesPerSecond: [30, 170, 1000] },
  extend: withPlugIns,
  parts: partsAt,
  inputs: ({ family }) => [`${family}@judged`],
  async *run({ family, megabytesPerSecond: rate, system }, context): AsyncGenerator<CurveRow, void, undefined> {
    const recorded = await context.trace(`${family}@judged`);
    const cost = { baseUs: 1000, usPerByte: 1 / rate, usPerMemoryByte: 0 };
    const model = linearModel(`${rate}`, cost, cost);
    const iterations = recorded.iterations.map((iteration): TraceIteration =>
      Object.assign({}, iteration, {
        nodes: iteration.nodes.map((node) => {
          const us = model.loadUs(node.sizeBytes, node.memoryBytes ?? node.sizeBytes);
          return Object.assign({}, node, { loadUs: us, writeUs: us });
        }),
      }),
    );
    const trace = { header: recorded.header, iterations };
    const run = async (id: string, params?: PartParams): Promise<number> => {
      const asked = { system: id, budget: judgedBudget, ...(params === undefined ? {} : { params }) };
      const { rows } = await replayUnder(trace, asked, context);
      return rows.length === iterations.length ? (rows.at(-1)?.cumulativeUs ?? Infinity) : Infinity;
    };
    const noneUs = Math.min(await run("helix-nm"), await run("none-fused"));
    const totalUs = system === boundLine ? await floorOf(trace) : await run(system, context.params);
    if (!Number.isFinite(totalUs)) return;
    const executor = system === boundLine ? "bound" : "simulated";
    yield { executor, accounting: "uniform", totalUs, noneUs, ratio: noneUs / totalUs };
  },
  chart: (view) => bandwidthChart(view.cells, "census"),
  charts: (view) => ({ ie: bandwidthChart(view.cells, "ie") }),
});

function bandwidthChart(
  cells: readonly {
    readonly point: { readonly family: string; readonly megabytesPerSecond: number; readonly system: string };
    readonly rows: readonly CurveRow[];
  }[],
  family: string,
): ReturnType<typeof linesChart> | undefined {
  const own = cells.filter(({ point, rows }) => point.family === family && rows.length > 0);
  if (own.length === 0) return undefined;
  const rates = [...new Set(own.map(({ point }) => point.megabytesPerSecond))].sort((a, b) => a - b);
  return linesChart(
    own.map(({ point, rows }) => ({
      system: policyLabel(point),
      executor: rows[0]!.executor,
      x: String(point.megabytesPerSecond),
      y: rows[0]!.ratio,
    })),
    rates.map(String),
    {
      title: `${family}: how many times faster than no reuse, by storage bandwidth`,
      conditions: [
        "judged trace; loads and writes modelled as 1 ms + bytes ÷ bandwidth, both ways",
        "accounting uniform · budget 10 GB",
      ],
      xTitle: "Bandwidth (MB/s)",
      yTitle: "Cheapest run without reuse ÷ run time",
    },
  );
}
