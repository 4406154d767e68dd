/**
 * All systems on all traces at budgets as shares of their intermediate bytes, under uniform accounting: the comparison a new
 * heuristic enters with `--plugin`. Policies with parameters run with their defaults and, in rows of their own, tuned on traces
 * that nothing is judged on. Bounds stand beside every comparison: never, none-fused, always, no limit, the optimum.
 */
import { defaultSystems } from "../src/baselines/index.ts";
import type { SystemSpec } from "../src/core/system.ts";
import { budgetBytesOf, parseBudget } from "../src/core/units.ts";
import { helixKeep, materializerOf, systemOf } from "../src/harness/contenders.ts";
import { defineExperiment, type ExperimentContext } from "../src/harness/experiment.ts";
import type { PartParams } from "../src/harness/parameters.ts";
import type { LoadedPlugIns } from "../src/harness/plug-ins/loaded.ts";
import { boundOf } from "../src/harness/run-bounds.ts";
import { traceFacts } from "../src/harness/run-replay.ts";
import { partParamsOf } from "../src/harness/sweep.ts";
import { tunableParts } from "../src/harness/tuning.ts";
import { arenaChart, arenaTables, profileChart, type ArenaRow } from "./arena-ranking.ts";
import { partsAt, replayUnder, withPlugIns } from "./contenders.ts";
import { boundLine } from "./iteration-figure.ts";
import { trainingInputs, trainingText, tunedSystem } from "./training-traces.ts";

/** The arena. */
export const arena = defineExperiment({
  id: "arena",
  title: "Arena: all systems, all traces, budgets as shares of intermediate bytes",
  reproduces: "a fair comparison under uniform accounting",
  params: {
    trace: ["census@judged"] as string[],
    system: [...defaultSystems.map(({ id }) => id), helixKeep.id, boundLine] as string[],
    tuning: ["defaults", "tuned"],
    budget: ["1%", "5%", "10%", "25%", "50%", "100%", "none"],
  },
  quick: { budget: ["10%", "50%"] },
  estimate: { secondsPerCell: 0.1, memoryMegabytes: 300 },
  extend: (grid, around) => ({ ...withPlugIns(grid, around), trace: around.traces.judgedReferences() }),
  // A swept parameter is set, not tuned.
  when: ({ system, tuning, ...point }, { plugIns }) =>
    tuning === "defaults" ||
    (system !== boundLine &&
      partParamsOf(point).size === 0 &&
      tunableParts(systemOf(system, plugIns), plugIns).length > 0),
  parts: partsAt,
  inputs: ({ trace, tuning }, { traces }) => [trace, ...(tuning === "tuned" ? trainingInputs(traces) : [])],
  async *run({ trace: reference, system, tuning, budget }, context): AsyncGenerator<ArenaRow, void, undefined> {
    const trace = await context.trace(reference);
    const facts = traceFacts(trace);
    context.fact("trace", trace.header.name);
    context.fact("intermediateBytes", facts.intermediateBytes);
    const spec = parseBudget(budget);
    if (system === boundLine) {
      const budgetBytes = budgetBytesOf(spec, facts.intermediateBytes);
      const bound = await boundOf(trace, budgetBytes);
      context.fact("boundIs", bound.is);
      yield {
        ...emptyRow,
        executor: "bound",
        budgetBytes,
        iterations: facts.iterationCount,
        whole: true,
        totalUs: bound.us,
      };
      return;
    }
    const params = tuning === "tuned" ? await tunedParams(system, trace.header.name, context) : context.params;
    if (params === undefined) return;
    const outcome = await replayUnder(trace, { system, budget, params }, context);
    if (outcome.exclusion !== undefined) context.exclude(outcome.exclusion);
    const { rows, budgetBytes, budgetBound } = outcome;
    if (rows.length === 0) return;
    const sum = (pick: (row: (typeof rows)[number]) => number): number =>
      rows.reduce((total, row) => total + pick(row), 0);
    yield {
      ...emptyRow,
      budgetBytes,
      iterations: rows.length,
      whole: rows.length === facts.iterationCount,
      totalUs: rows.at(-1)?.cumulativeUs ?? 0,
      computeUs: sum(({ computeUs }) => computeUs),
      loadUs: sum(({ loadUs }) => loadUs),
      writeUs: sum(({ writeUs }) => writeUs),
      storedBytes: Math.max(...rows.map(({ storedBytes }) => storedBytes)),
      peakBytes: Math.max(...rows.map(({ peakBytes }) => peakBytes)),
      computed: sum(({ computed }) => computed),
      loaded: sum(({ loaded }) => loaded),
      budgetBound,
      ignoresBudget: spec.kind !== "none" && ignoresBudget(systemOf(system, context.plugIns), context.plugIns),
    };
  },
  chart: (view) => arenaChart(view),
  charts: (view) => ({ profile: profileChart(view) }),
  tables: (view) => arenaTables(view),
});

/** Tunes on the training traces and notes how; undefined, with the reason, where the system can run none of them. */
async function tunedParams(system: string, trace: string, context: ExperimentContext): Promise<PartParams | undefined> {
  const tuned = await tunedSystem(systemOf(system, context.plugIns), context, context.signal);
  context.fact("tunedOn", trainingText(context.traces));
  context.fact("tunedTried", tuned.tried);
  context.fact("tunedTo", tuned.says);
  context.fact("tunedRatio", tuned.ratio);
  if (tuned.runs > 0) return tuned.params;
  context.exclude({ trace, system: `${system}, tuned`, reason: "runs on none of the training traces" });
  return undefined;
}

const emptyRow: ArenaRow = {
  executor: "simulated",
  accounting: "uniform",
  budgetBytes: null,
  iterations: 0,
  whole: false,
  totalUs: 0,
  computeUs: 0,
  loadUs: 0,
  writeUs: 0,
  storedBytes: 0,
  peakBytes: 0,
  computed: 0,
  loaded: 0,
  budgetBound: false,
  ignoresBudget: false,
};

function ignoresBudget({ switches, materializer }: SystemSpec, plugIns: LoadedPlugIns): boolean {
  return switches.noBudget === true || materializerOf(materializer, plugIns)?.ignoresBudget === true;
}
