/** The synthetic workloads of the Collaborative Optimizer's reuse figures: as released and honest, one query vertex or all leaves. */
import type { ReuseProblem } from "../src/core/problem.ts";
import { randomInt, rngStream } from "../src/core/rng.ts";
import { drawProblem } from "../src/workloads/synthetic/families.ts";

/** `collab-released` is the released generator, `collab` has the same degrees, no load < compute gate and lognormal costs. */
export const generators = ["collab-released", "collab"] as const;
export type Generator = (typeof generators)[number];

/** `one` random leaf is asked for, as published, or all `leaves`. */
export const queries = ["one", "leaves"] as const;
export type Query = (typeof queries)[number];

/** What a generator and a query mode are called in claims. */
export const settingText = (generator: Generator, query: Query): string =>
  `${generator === "collab-released" ? "released generator" : "honest generator"}, ${query === "one" ? "one random leaf" : "all leaves"}`;

/** Distinct problem `index` of a setting. */
export function problemOf(generator: Generator, query: Query, seed: number, index: number): ReuseProblem {
  return drawProblem(generator, seed, index, { query });
}

/** Draws with replacement among distinct problems, as published: how often each of `distinct` comes up in `draws`. */
export function drawCounts(seed: number, distinct: number, draws: number): Int32Array {
  const rng = rngStream(seed, "collab-synthetic/draws");
  const counts = new Int32Array(distinct);
  for (let k = 0; k < draws; k++) counts[randomInt(rng, 0, distinct - 1)]!++;
  return counts;
}
