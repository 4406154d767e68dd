/** The synthetic workloads of the Collaborative Optimizer's reuse figures: as released and honest, one query vertex or all leaves. */
import type { ReuseProblem } from "../src/core/problem.ts";
import { randomInt, rngStream } from "../src/core/rng.ts";
import { cellAt, MissingRowsError } from "../src/harness/claims.ts";
import type { Grid, ResultView } from "../src/harness/experiment.ts";
import { drawProblem } from "../src/workloads/synthetic/families.ts";

/** `collab-released` is the released generator, `collab` has the same degrees, no load < compute gate and lognormal costs. */
export const generators = ["collab-released", "collab"] as const;
export type Generator = (typeof generators)[number];

/** `one` random leaf is asked for, as published, or all `leaves`. */
export const queries = ["one", "leaves"] as const;
export type Query = (typeof queries)[number];

/** Every generator with every query mode: one cell each. */
export const settings: readonly { readonly generator: Generator; readonly query: Query }[] = generators.flatMap(
  (generator) => queries.map((query) => ({ generator, query })),
);

/** Workloads planned for each distinct one, on average, as published: 10,000 draws of 1,000. */
export const drawsPerWorkload = 10;

/** Rows of a planner in one setting. @throws {MissingRowsError} when there are none */
export function rowsOf<R extends { readonly planner: string }>(
  view: ResultView<Grid, R>,
  generator: Generator,
  query: Query,
  planner: string,
): readonly R[] {
  const rows = cellAt(view, { generator, query }).rows.filter((one) => one.planner === planner);
  if (rows.length === 0) throw new MissingRowsError(`no rows of ${planner}, ${settingText(generator, query)}`);
  return rows;
}

/** Distinct problems of a setting, each with how often it is drawn. */
export function* drawnProblems(
  generator: Generator,
  query: Query,
  seed: number,
  distinct: number,
): Iterable<{ readonly index: number; readonly problem: ReuseProblem; readonly draws: number }> {
  const draws = drawCounts(seed, distinct, drawsPerWorkload * distinct);
  for (let index = 0; index < distinct; index++)
    yield { index, problem: problemOf(generator, query, seed, index), draws: draws[index]! };
}

/** What a generator and a query mode are called in claims. */
export const settingText = (generator: Generator, query: Query): string =>
  `${generator === "collab-released" ? "released generator" : "honest generator"}, ${query === "one" ? "one random leaf" : "all leaves"}`;

/** The same in a word each, for axes. */
export const settingLabel = (generator: Generator, query: Query): string =>
  `${generator === "collab-released" ? "released" : "honest"}, ${query === "one" ? "one leaf" : "all leaves"}`;

/** Distinct problem `index` of a setting. */
function problemOf(generator: Generator, query: Query, seed: number, index: number): ReuseProblem {
  return drawProblem(generator, seed, index, { query });
}

/** Draws with replacement among distinct problems, as published: how often each of `distinct` comes up in `draws`. */
export function drawCounts(seed: number, distinct: number, draws: number): Int32Array {
  const rng = rngStream(seed, "collab-synthetic/draws");
  const counts = new Int32Array(distinct);
  for (let k = 0; k < draws; k++) counts[randomInt(rng, 0, distinct - 1)]!++;
  return counts;
}
