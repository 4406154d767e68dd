import { coverReference, distSequences } from "../../experiments/drawn-sequences.ts";
import { materializerIds } from "../algorithms/materialize/index.ts";
import { reusePlannerIds } from "../algorithms/reuse/index.ts";
import { systemIds, systems } from "../baselines/index.ts";
import { tunedSystem } from "../../experiments/training-traces.ts";
import { UsageError } from "../core/errors.ts";
import { parseBudget } from "../core/units.ts";
import { helixKeep, isSystem, materializerOf, plannerOf, plugInParts, systemOf } from "../harness/contenders.ts";
import { compareSystems, type ComparisonOutcome, type Contender, type Said } from "../harness/run-compare.ts";
import {
  compareFolders,
  isResultFolder,
  type FolderComparison,
  type MeasuredCells,
} from "../harness/run-compare-folders.ts";
import { practicalShare } from "../harness/measured-comparison.ts";
import { leastRepetitions } from "../harness/timing.ts";
import { openPlugIns } from "../harness/run-plug-ins.ts";
import type { ReplayTrace } from "../harness/run-replay.ts";
import type { PartParams } from "../harness/parameters.ts";
import { tunableParts } from "../harness/tuning.ts";
import { TraceLibrary } from "../harness/run-traces.ts";
import { noPlugIns, type LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import { CellWatcher } from "../harness/watch-cell.ts";
import { formatBytes, formatNumber, formatShare, formatUs } from "../report/charts/units.ts";
import { markdownTable, textTable } from "../report/text-table.ts";
import type { Command, Effects, OptionValues } from "./command.ts";
import { conditionsOf, failuresOf, type FailCondition } from "./compare-conditions.ts";
import { findExperiment, integerOption, listOption, textOption } from "./experiment-choice.ts";
import { unknownId } from "./nearest.ts";
import { openProgress } from "./progress.ts";
import { pairParams } from "./simulate-params.ts";

const defaultBudgets = "1%,10%,25%,50%,100%,none";

/** A system, a planner (with HELIX's materializer), a materializer (with HELIX's planner) or a pair `P+M`. */
function contenderOf(id: string, plugIns: LoadedPlugIns): Contender {
  const { planner, materializer } = systems.helix;
  const name = isSystem(id)
    ? id
    : plannerOf(id, plugIns) !== undefined
      ? `${id}+${materializer}`
      : materializerOf(id, plugIns) !== undefined
        ? `${planner}+${id}`
        : id;
  if (!isSystem(name) && !name.includes("+"))
    throw unknownId("system", id, [
      ...systemIds,
      ...reusePlannerIds,
      ...materializerIds,
      ...plugIns.planners.keys(),
      ...plugIns.materializers.keys(),
    ]);
  const system = systemOf(name, plugIns);
  return { system, parts: plugInParts(system, plugIns) };
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
    ...([a, b].includes(helixKeep.id)
      ? [
          `HELIX takes part without purge (${helixKeep.id}), the faster of its two settings here; the other one is in the table`,
        ]
      : []),
  ];
  const standings = [
    ["system", "is", "parameters", "workloads", "run time", "saved", "stored", "planning", "Pareto front"],
    ...outcome.standings.map((one) => [
      one.system,
      one.role,
      one.params === "" ? "–" : one.params,
      String(one.workloads),
      formatUs(one.totalUs),
      one.saved === null ? "–" : formatShare(one.saved),
      formatBytes(one.storedBytes),
      formatUs(one.planUs),
      one.pareto ? "yes" : "",
    ]),
  ] as const;
  const [head, ...body] = standings;
  const beside = markdown ? markdownTable(head, body) : textTable(head, body);
  const tables = `${table}\n${beside}`;
  return markdown
    ? `${tables}\n${lines.map((line) => `- ${line}\n`).join("")}`
    : `${tables}\n${lines.map((line) => `${line}\n`).join("")}`;
}

/** Tunes a side on the training traces; undefined for one that has nothing to tune. */
function tuner(traces: TraceLibrary, plugIns: LoadedPlugIns): (side: Contender) => Promise<PartParams | undefined> {
  return async ({ system }) => {
    if (tunableParts(system, plugIns).length === 0) return undefined;
    const { params, runs } = await tunedSystem(system, { traces, plugIns });
    return runs === 0 ? undefined : params;
  };
}

/** Cells that differ most stand first; equal ones are only counted. */
function renderFolders(outcome: FolderComparison, markdown: boolean): string {
  const { a, b, workloads } = outcome;
  const changed = workloads
    .filter(({ ratio, aBytes, bBytes }) => ratio !== 1 || aBytes !== bBytes)
    .sort((x, y) => Math.abs(Math.log(y.ratio)) - Math.abs(Math.log(x.ratio)));
  const header = ["workload", "policy", "budget", a, b, "ratio", `${a} stored`, `${b} stored`];
  const rows = changed
    .slice(0, shownCells)
    .map((one) => [
      one.trace,
      one.policy,
      one.budget,
      formatUs(one.aUs),
      formatUs(one.bUs),
      formatNumber(one.ratio),
      formatBytes(one.aBytes),
      formatBytes(one.bBytes),
    ]);
  const table = rows.length === 0 ? "" : `${markdown ? markdownTable(header, rows) : textTable(header, rows)}\n`;
  const lines = [
    `${outcome.experiment}: ${a} against ${b}: ${outcome.wins} faster, ${outcome.ties} equal, ${outcome.losses} slower of ${workloads.length} cells; ${outcome.identical} with equal rows`,
    `run time ${a} ÷ ${b}, geometric mean with 95 % paired bootstrap interval over workloads (all cells of one are one observation): ${said(outcome.ratio, ({ estimate, low, high }) => `${formatNumber(estimate)} [${formatNumber(low)}, ${formatNumber(high)}]`)}`,
    `Wilcoxon signed-rank on log-ratios, two-sided p: ${said(outcome.wilcoxonP, formatNumber)}`,
    ...outcome.policies.map(
      ({ policy, wins, ties, losses, ratio, correctedP }) =>
        `${policy}: ${wins} faster, ${ties} equal, ${losses} slower; ratio ${said(ratio, ({ estimate, low, high }) => `${formatNumber(estimate)} [${formatNumber(low)}, ${formatNumber(high)}]`)}${correctedP === null ? "" : `; p with Holm's correction ${formatNumber(correctedP)}`}`,
    ),
    ...outcome.measured.map(measuredLine),
    ...changed
      .slice(0, shownCells)
      .flatMap(({ trace, policy, budget, explanation }) =>
        explanation === undefined ? [] : [`slower on ${trace} ${policy}, budget ${budget}: ${explanation}`],
      ),
    ...(changed.length > shownCells ? [`${changed.length - shownCells} more cells differ; see --format json`] : []),
    ...outcome.leftOut
      .slice(0, shownCells)
      .map(({ trace, system, reason }) => `left out: ${trace}: ${system} ${reason}`),
    ...(outcome.leftOut.length > shownCells ? [`${outcome.leftOut.length - shownCells} more are left out`] : []),
  ];
  return `${table}${lines.map((line) => `${markdown ? "- " : ""}${line}\n`).join("")}`;
}

/** Repetitions against repetitions, in a line. */
function measuredLine({
  trace,
  policy,
  budget,
  executor,
  repetitions,
  ratio,
  a,
  b,
  p,
  verdict,
}: MeasuredCells): string {
  const where = [trace, policy, ...(budget === "" ? [] : [`budget ${budget}`]), `on ${executor}`].join(" ");
  if (ratio === undefined || a === undefined || b === undefined || p === undefined)
    return `measured: ${where}: ${verdict}: ${repetitions.join(" and ")} repetitions, at least ${leastRepetitions} are needed`;
  const [mine, theirs] = [a, b].map(
    ({ medianUs, lowUs, highUs }) => `${formatUs(medianUs)} [${formatUs(lowUs)}, ${formatUs(highUs)}]`,
  );
  return `measured: ${where}: ${verdict}: medians ${mine} and ${theirs}, ratio ${formatNumber(ratio)}; Mann–Whitney, two-sided p: ${formatNumber(p)}; below ${practicalShare * 100} % nothing is called a difference`;
}

/** Lines of a table for people. */
const shownCells = 30;

/** `reuselab compare A B`: paired comparison on recorded traces. */
export const command: Command = {
  name: "compare",
  summary: "compare two systems, planners, materializers or result folders, paired",
  arguments: "<a> <b>",
  endsAtOnce: true,
  options: [
    {
      flags: "--trace <names>",
      description: "traces by commas: names, FAMILY@judged or paths; default one per family",
      repeatable: true,
    },
    { flags: "--budget <sizes>", description: "budgets by commas", default: defaultBudgets },
    {
      flags: "--plugin <file>",
      description: "a planner or materializer of yours; for folders also in the versions that made them",
      repeatable: true,
    },
    {
      flags: "--traces <dir>",
      description: "folder of recorded traces (default: the shipped ones); for folders several",
      repeatable: true,
    },
    { flags: "--sequences <n>", description: "also so many drawn Census sequences, each a trace", default: "0" },
    { flags: "--param <id.name=value>", description: "parameter of a planner or materializer", repeatable: true },
    {
      flags: "--fail-on <conditions>",
      description: "exit 1 when slower>N% in the mean, worst>N% on one workload, losses>N or stored>N% more, by commas",
    },
  ],
  async run({ values, positionals }, effects) {
    const [first, second] = positionals;
    if (first === undefined || second === undefined)
      throw new UsageError("compare: expected two ids, for example: reuselab compare helix-demo helix");
    const conditions = conditionsOf(textOption(values, "failOn"));
    if (isResultFolder(first) && isResultFolder(second))
      return compareTwoFolders([first, second], conditions, values, effects);
    const { loaded } = await openPlugIns(listOption(values, "plugin"));
    const sides = [contenderOf(first, loaded), contenderOf(second, loaded)] as const;
    const given = listOption(values, "param");
    const params = pairParams(
      given,
      sides.map(({ system }) => system),
      loaded,
    );
    const [a, b] = [
      { ...sides[0], params },
      { ...sides[1], params },
    ];
    const budgets = (textOption(values, "budget") ?? defaultBudgets).split(",").map((text) => text.trim());
    for (const budget of budgets) parseBudget(budget);
    const folders = listOption(values, "traces");
    if (folders.length > 1) throw new UsageError("--traces: given more than once; only result folders take several");
    const library = new TraceLibrary(folders[0]);
    const named = listOption(values, "trace", true);
    const references = named.length > 0 ? named : library.judgedReferences();
    if (references.length === 0)
      throw new UsageError("compare: there are no recorded traces; name some with --trace or record them");
    const recorded = await Promise.all(references.map((reference) => library.load(reference)));
    const drawn = integerOption(values, "sequences", 0) ?? 0;
    const traces: readonly ReplayTrace[] =
      drawn === 0 ? recorded : [...recorded, ...distSequences(1, drawn, await library.load(coverReference))];
    const progress = openProgress(effects, values, "compare", traces.length * budgets.length);
    const outcome = await compareSystems(a, b, traces, budgets, {
      optimum: drawn === 0,
      ...(given.length > 0 ? {} : { tune: tuner(library, loaded) }),
      signal: effects.signal,
      onProgress: (done) => progress.update(done),
    }).finally(() => progress.stop());
    const { format } = values;
    if (format === "json") effects.stdout(`${JSON.stringify(outcome, null, 1)}\n`);
    else if (format === "ndjson") effects.stdout(outcome.workloads.map((one) => `${JSON.stringify(one)}\n`).join(""));
    else effects.stdout(render(outcome, format === "md"));
    if (outcome.workloads.length === 0) return 2;
    return judge(conditions, outcome, effects);
  },
};

async function compareTwoFolders(
  [first, second]: readonly [string, string],
  conditions: readonly FailCondition[],
  values: OptionValues,
  effects: Effects,
): Promise<number> {
  const plugIns = await Promise.all(listOption(values, "plugin").map((name) => openPlugIns([name])));
  const folders = listOption(values, "traces");
  const watcher = new CellWatcher({
    experimentOf: (id) =>
      [noPlugIns, ...plugIns.map(({ loaded }) => loaded)]
        .map((loaded) => findExperiment(id, loaded))
        .find((found) => found !== undefined),
    traces: [...folders.map((folder) => new TraceLibrary(folder)), new TraceLibrary()],
    plugIns,
    signal: effects.signal,
  });
  const { format } = values;
  const outcome = await compareFolders(first, second, watcher);
  if (format === "json") effects.stdout(`${JSON.stringify(outcome, null, 1)}\n`);
  else if (format === "ndjson") effects.stdout(outcome.workloads.map((one) => `${JSON.stringify(one)}\n`).join(""));
  else effects.stdout(renderFolders(outcome, format === "md"));
  if (outcome.workloads.length + outcome.measured.length === 0) return 2;
  return judge(conditions, outcome, effects);
}

/** Tells what is not met; 1 if anything, else 0. */
function judge(
  conditions: readonly FailCondition[],
  outcome: Parameters<typeof failuresOf>[1],
  effects: Effects,
): number {
  const failures = failuresOf(conditions, outcome);
  for (const failure of failures) effects.stderr(`${failure}\n`);
  return failures.length === 0 ? 0 : 1;
}
