import { UsageError } from "../core/errors.ts";
import type { ReuseProblem } from "../core/problem.ts";
import { benchPlanners, type BenchPlanner } from "../harness/planner-bench.ts";
import type { LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import { drawProblem, problemFamilyIds, type FamilyKnobs } from "../workloads/synthetic/families.ts";
import type { Command, Effects, OptionValues } from "./command.ts";
import { unknownId } from "./nearest.ts";
import { listOption } from "./list-option.ts";
import { choosePlanner, parseParams } from "./planner-choice.ts";
import { plugInOption, plugInsOf } from "./plug-in-option.ts";
import { type CellRecord, renderRecords } from "./print-records.ts";
import { readProblems } from "./problem-input.ts";
import { openProgress } from "./progress.ts";

const columns = [
  "planner",
  "problems",
  "totalUs",
  "medianUs",
  "p99Us",
  "maxUs",
  "costUs",
  "peakBytes",
  "coldUs",
  "repetitions",
];

/** `reuselab bench planner`: times of planners on the same problems; exit 1 if exact ones disagree. */
export const command: Command = {
  name: "bench",
  summary: "measure planners",
  arguments: "<what>",
  endsAtOnce: true,
  options: [
    { flags: "--planner <ids>", description: "planners to compare, comma-separated", default: "exact,linear-pass" },
    { flags: "--problems <file>", description: "problems to plan: JSON Lines, or - for stdin" },
    { flags: "--family <id>", description: `synthetic problems: ${problemFamilyIds.join(", ")}` },
    { flags: "--nodes <n>", description: "nodes per problem (default: drawn as the family does)" },
    { flags: "--count <k>", description: "number of problems", default: "100" },
    { flags: "--query <mode>", description: "outputs: leaves, few or one (default: the family's)" },
    { flags: "--stored <share>", description: "share of stored nodes, 0 to 1 (default: mixed)" },
    { flags: "--load-scale <x>", description: "median load cost over median compute cost (default: mixed)" },
    { flags: "--repetitions <n>", description: "warm repetitions per problem and planner", default: "9" },
    { flags: "--seed <n>", description: "seed of the problems", default: "1" },
    { flags: "--param <key=value>", description: "parameter, for planners that have it", repeatable: true },
    plugInOption,
  ],
  async run({ values, positionals }, effects) {
    if (positionals[0] !== "planner")
      throw new UsageError(`bench ${positionals[0] ?? ""}: expected: reuselab bench planner …`);
    const planners = choosePlanners(values, await plugInsOf(values));
    const { problems, count } = chooseProblems(values, effects);
    const progress = openProgress(effects, values, "bench", count);
    const { rows, disagreements } = await benchPlanners(planners, problems, {
      repetitions: wholeNumber(values, "repetitions", 3),
      onProblem: (done) => progress.update(done),
      signal: effects.signal,
    }).finally(() => progress.stop());
    const shown = rows.map((row): CellRecord => ({
      ...row,
      totalUs: rounded(row.totalUs),
      medianUs: rounded(row.medianUs),
      p99Us: rounded(row.p99Us),
      maxUs: rounded(row.maxUs),
      coldUs: rounded(row.coldUs),
    }));
    for (const sentence of disagreements) effects.stderr(`${sentence}\n`);
    effects.stdout(renderRecords(shown, columns, values["format"]));
    return disagreements.length > 0 ? 1 : 0;
  },
};

/** Clock readings carry no more than a nanosecond. */
function rounded(us: number): number {
  return Math.round(us * 1_000) / 1_000;
}

function choosePlanners(values: OptionValues, plugIns: LoadedPlugIns): readonly BenchPlanner[] {
  const ids = listOption(values["planner"])
    .flatMap((text) => text.split(","))
    .map((id) => id.trim());
  if (ids.length === 0 || new Set(ids).size < ids.length)
    throw new UsageError(`--planner ${ids.join(",")}: expected distinct ids, for example exact,linear-pass`);
  const options = listOption(values["param"]);
  return ids.map((id) => {
    const planner = choosePlanner(id, plugIns);
    const isOwn = plugIns.planners.get(id) === planner;
    return {
      planner,
      params: parseParams(planner, planner.params === undefined ? [] : options),
      ...(isOwn ? { plugIns: listOption(values["plugin"]) } : {}),
    };
  });
}

function chooseProblems(
  values: OptionValues,
  effects: Effects,
): { problems: Iterable<ReuseProblem> | AsyncIterable<ReuseProblem>; count: number } {
  const file = values["problems"];
  const typed = values["family"];
  if (typeof file === "string") {
    if (typed !== undefined) throw new UsageError("bench planner: --problems and --family exclude each other");
    return { problems: problemsOf(file, effects), count: 1 };
  }
  const family = problemFamilyIds.find((id) => id === (typed ?? "collab"));
  if (family === undefined) throw unknownId("family", String(typed), problemFamilyIds, "reuselab bench --help");
  const count = wholeNumber(values, "count", 1);
  const seed = wholeNumber(values, "seed", 0);
  const query = values["query"];
  if (query !== undefined && query !== "leaves" && query !== "few" && query !== "one")
    throw new UsageError(`--query ${String(query)}: expected leaves, few or one`);
  const storedShare = positiveNumber(values, "stored");
  if (storedShare !== undefined && storedShare > 1)
    throw new UsageError(`--stored ${storedShare}: expected a share from 0 to 1`);
  const loadScale = positiveNumber(values, "loadScale");
  const knobs: FamilyKnobs = {
    ...(values["nodes"] === undefined ? {} : { nodes: wholeNumber(values, "nodes", 1) }),
    ...(query === undefined ? {} : { query }),
    ...(storedShare === undefined ? {} : { storedShare }),
    ...(loadScale === undefined ? {} : { loadScale }),
  };
  function* drawn(): Generator<ReuseProblem> {
    for (let k = 0; k < count; k++) yield drawProblem(family!, seed, k, knobs);
  }
  return { problems: drawn(), count };
}

async function* problemsOf(file: string, effects: Effects): AsyncGenerator<ReuseProblem> {
  for await (const { problem } of readProblems(file, effects.stdin)) yield problem.problem;
}

function wholeNumber(values: OptionValues, name: string, least: number): number {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < least || values[name] === "")
    throw new UsageError(`--${name} ${String(values[name])}: expected a whole number of at least ${least}`);
  return value;
}

function positiveNumber(values: OptionValues, name: string): number | undefined {
  if (values[name] === undefined) return undefined;
  const value = Number(values[name]);
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY) || values[name] === "")
    throw new UsageError(`--${name} ${String(values[name])}: expected a number of at least 0`);
  return value;
}
