import { coverReference, distSequences } from "../../experiments/drawn-sequences.ts";
import { materializerById, materializerIds } from "../algorithms/materialize/index.ts";
import { reusePlannerById, reusePlannerIds } from "../algorithms/reuse/index.ts";
import { pairSystem, systemById, systemIds } from "../baselines/index.ts";
import { UsageError } from "../core/errors.ts";
import { parseBudget } from "../core/units.ts";
import { compareSystems, type ComparisonOutcome, type Contender, type Said } from "../harness/run-compare.ts";
import { openPlugIns } from "../harness/run-plug-ins.ts";
import type { ReplayTrace } from "../harness/run-replay.ts";
import { TraceLibrary } from "../harness/run-traces.ts";
import type { LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import { formatBytes, formatNumber, formatShare, formatUs } from "../report/charts/units.ts";
import { markdownTable, textTable } from "../report/text-table.ts";
import type { Command } from "./command.ts";
import { integerOption, listOption, textOption } from "./experiment-choice.ts";
import { unknownId } from "./nearest.ts";
import { openProgress } from "./progress.ts";

const defaultBudgets = "1%,10%,25%,50%,100%,none";

/** A system, a planner (with HELIX's materializer), a materializer (with HELIX's planner) or a pair `P+M`. */
function contenderOf(id: string, plugIns: LoadedPlugIns): Contender {
  const system = systemById(id);
  if (system !== undefined) return { system, parts: {} };
  const helix = systemById("helix");
  const isPlanner = (name: string): boolean => reusePlannerById(name) !== undefined || plugIns.planners.has(name);
  const isMaterializer = (name: string): boolean =>
    materializerById(name) !== undefined || plugIns.materializers.has(name);
  const [left = "", right] = id.split("+");
  const [planner, materializer] =
    right !== undefined
      ? [left, right]
      : isPlanner(id)
        ? [id, helix?.materializer ?? "helix-online"]
        : [helix?.planner ?? "max-flow", id];
  if (!isPlanner(planner) || !isMaterializer(materializer))
    throw unknownId("system", id, [
      ...systemIds,
      ...reusePlannerIds,
      ...materializerIds,
      ...plugIns.planners.keys(),
      ...plugIns.materializers.keys(),
    ]);
  const mine = { planner: plugIns.planners.get(planner), materializer: plugIns.materializers.get(materializer) };
  return {
    system: pairSystem(planner, materializer),
    parts: {
      ...(mine.planner === undefined ? {} : { planner: mine.planner }),
      ...(mine.materializer === undefined ? {} : { materializer: mine.materializer }),
    },
  };
}

function said<T>(statistic: Said<T>, show: (value: T) => string): string {
  return "value" in statistic ? show(statistic.value) : statistic.missing;
}

function render(outcome: ComparisonOutcome, markdown: boolean): string {
  const { a, b, workloads } = outcome;
  const header = ["trace", "budget", "iterations", a, b, `${a} ÷ ${b}`, `bound ÷ ${a}`, `${a} stored`, `${b} stored`];
  const rows = workloads.map((one) => [
    one.trace,
    one.budget,
    String(one.iterations),
    formatUs(one.aUs),
    formatUs(one.bUs),
    formatNumber(one.ratio),
    formatNumber(one.boundUs / one.aUs),
    formatBytes(one.aBytes),
    formatBytes(one.bBytes),
  ]);
  const table = markdown ? markdownTable(header, rows) : textTable(header, rows);
  const lines = [
    `${a} against ${b}: ${outcome.wins} wins, ${outcome.ties} ties, ${outcome.losses} losses on ${workloads.length} workloads (trace × budget), simulated, accounting uniform`,
    `run time ${a} ÷ ${b}, geometric mean with 95 % paired bootstrap interval over traces: ${said(outcome.ratio, ({ estimate, low, high }) => `${formatNumber(estimate)} [${formatNumber(low)}, ${formatNumber(high)}]`)}`,
    `mean of the middle half of the traces' ratios: ${said(outcome.interquartileRatio, formatNumber)}`,
    `Wilcoxon signed-rank on log-ratios, two-sided p: ${said(outcome.wilcoxonP, formatNumber)}`,
    `probability that ${a} is faster on a trace, ties half: ${said(outcome.improvement, formatShare)}`,
    ...workloads.flatMap(({ trace, budget, explanation }) =>
      explanation === undefined ? [] : [`loss on ${trace}, budget ${budget}: ${explanation}`],
    ),
    ...outcome.leftOut.map(({ trace, system, reason }) => `left out: ${system} on ${trace}: ${reason}`),
  ];
  return markdown
    ? `${table}\n${lines.map((line) => `- ${line}\n`).join("")}`
    : `${table}\n${lines.map((line) => `${line}\n`).join("")}`;
}

/** Threshold of `--fail-on`: A may be at most so many per cent slower. @throws {UsageError} */
function thresholdOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const percent = /^slower>(\d+(?:\.\d+)?)%$/u.exec(text)?.[1];
  if (percent === undefined) throw new UsageError(`--fail-on "${text}": expected slower>N%, for example slower>2%`);
  return 1 + Number(percent) / 100;
}

/** `reuselab compare A B`: paired comparison on recorded traces. */
export const command: Command = {
  name: "compare",
  summary: "compare two systems, planners or materializers on recorded traces, paired",
  arguments: "<a> <b>",
  options: [
    {
      flags: "--trace <names>",
      description: "traces by commas: names, FAMILY@judged or paths; default one per family",
      repeatable: true,
    },
    { flags: "--budget <sizes>", description: "budgets by commas", default: defaultBudgets },
    { flags: "--plugin <file>", description: "a planner or materializer of yours", repeatable: true },
    { flags: "--traces <dir>", description: "folder of recorded traces (default: the shipped ones)" },
    { flags: "--sequences <n>", description: "also so many drawn Census sequences, each a trace", default: "0" },
    { flags: "--fail-on <condition>", description: "exit 1 when A is slower in the mean, for example slower>2%" },
  ],
  async run({ values, positionals }, effects) {
    const [first, second] = positionals;
    if (first === undefined || second === undefined)
      throw new UsageError("compare: expected two ids, for example: reuselab compare helix-demo helix");
    const { loaded } = await openPlugIns(listOption(values, "plugin"));
    const [a, b] = [contenderOf(first, loaded), contenderOf(second, loaded)];
    const budgets = (textOption(values, "budget") ?? defaultBudgets).split(",").map((text) => text.trim());
    for (const budget of budgets) parseBudget(budget);
    const threshold = thresholdOf(textOption(values, "failOn"));
    const library = new TraceLibrary(textOption(values, "traces"));
    const named = listOption(values, "trace", true);
    const references =
      named.length > 0
        ? named
        : library
            .families()
            .filter((family) => !family.endsWith("-cover"))
            .map((family) => (library.family(family).length > 0 ? `${family}@judged` : family));
    if (references.length === 0)
      throw new UsageError("compare: there are no recorded traces; name some with --trace or record them");
    const recorded = await Promise.all(references.map((reference) => library.load(reference)));
    const drawn = integerOption(values, "sequences", 0) ?? 0;
    const traces: readonly ReplayTrace[] =
      drawn === 0 ? recorded : [...recorded, ...distSequences(1, drawn, await library.load(coverReference))];
    const progress = openProgress(effects, values, "compare", traces.length * budgets.length);
    const outcome = await compareSystems(a, b, traces, budgets, {
      optimum: drawn === 0,
      signal: effects.signal,
      onProgress: (done) => progress.update(done),
    }).finally(() => progress.stop());
    const { format } = values;
    if (format === "json") effects.stdout(`${JSON.stringify(outcome, null, 1)}\n`);
    else if (format === "ndjson") effects.stdout(outcome.workloads.map((one) => `${JSON.stringify(one)}\n`).join(""));
    else effects.stdout(render(outcome, format === "md"));
    if (outcome.workloads.length === 0) return 2;
    if (threshold === undefined) return 0;
    const mean =
      "value" in outcome.ratio
        ? outcome.ratio.value.estimate
        : Math.exp(outcome.workloads.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / outcome.workloads.length);
    if (mean <= threshold) return 0;
    effects.stderr(`${outcome.a} is ${formatShare(mean - 1)} slower than ${outcome.b} in the geometric mean\n`);
    return 1;
  },
};
