import { defineExperiment } from "../src/harness/experiment.ts";
import { floorOf } from "../src/harness/run-bounds.ts";
import { replay, traceFacts } from "../src/harness/run-replay.ts";
import { linesChart } from "../src/report/charts/lines.ts";
import { judgedBudget, judgedSystem } from "./iteration-figure.ts";

interface LadderRow {
  readonly executor: string;
  readonly accounting: string;
  readonly initialUs: number;
  readonly oursUs: number;
  readonly noneUs: number;
  readonly none: string;
  readonly floorUs: number;
  readonly ratio: number;
  readonly ceiling: number;
  readonly barrierTax: number | null;
}

/** Claims are judged at one scale; here is how the ratio depends on it, with rows copied and with rows that differ. */
export const scaleLadder = defineExperiment({
  id: "scale-ladder",
  title: "How the saving depends on the scale of the data",
  reproduces: "the scale at which the HELIX figures are judged",
  params: { trace: ["census@judged"] as string[] },
  extend: (grid, { traces }) => ({
    ...grid,
    trace: ["census", "census-jitter", "ie", "ie-recombine"].flatMap((family) =>
      traces.family(family).map(({ name }) => name),
    ),
  }),
  inputs: ({ trace }) => [trace],
  async *run({ trace: name }, context): AsyncGenerator<LadderRow, void, undefined> {
    const trace = await context.trace(name);
    context.fact("family", trace.family);
    context.fact("scale", trace.scale ?? null);
    const totalOf = async (system: string): Promise<number> => {
      const { rows } = await replay(trace, { system, budget: judgedBudget, signal: context.signal });
      return rows.length === trace.iterations.length ? (rows.at(-1)?.cumulativeUs ?? Infinity) : Infinity;
    };
    let none = { system: "", us: Number.POSITIVE_INFINITY };
    for (const system of ["helix-nm", "none-fused"]) {
      const us = await totalOf(system);
      if (us < none.us) none = { system, us };
    }
    const oursUs = await totalOf(judgedSystem);
    const floorUs = await floorOf(trace);
    yield {
      executor: "simulated",
      accounting: "uniform",
      initialUs: trace.iterations[0]?.nodes.reduce((sum, { computeUs }) => sum + computeUs, 0) ?? 0,
      oursUs,
      noneUs: none.us,
      none: none.system,
      floorUs,
      ratio: none.us / oursUs,
      ceiling: none.us / floorUs,
      barrierTax: traceFacts(trace).barrierTax ?? null,
    };
  },
  chart: (view) => {
    const cells = view.cells.filter(({ rows }) => rows.length > 0);
    const scales = [...new Set(cells.map(({ facts }) => Number(facts["scale"])))].sort((a, b) => a - b);
    if (scales.length < 2) return undefined;
    const points = cells.flatMap(({ facts, rows }) => {
      const x = `${String(facts["scale"])}x`;
      const family = String(facts["family"]);
      return [
        { system: `${family}: ${judgedSystem}`, executor: "simulated", x, y: rows[0]!.ratio },
        { system: `${family}: ceiling`, executor: "bound", x, y: rows[0]!.ceiling },
      ];
    });
    return linesChart(
      points,
      scales.map((scale) => `${scale}x`),
      {
        title: "How many times faster than no reuse, by scale of the data",
        conditions: [
          "recorded traces of each scale, replayed; ceiling from the proven lower bound",
          "accounting uniform · budget 10 GB · no reuse is the cheapest such run",
        ],
        xTitle: "Scale (times the original rows)",
        yTitle: "Cheapest run without reuse ÷ run time",
      },
    );
  },
});
