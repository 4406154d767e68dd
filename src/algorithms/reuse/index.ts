/** The registry of planners: command line, documentation and contract tests read it. A new planner is one line here. */
import type { ReusePlanner } from "../../core/plug-in.ts";
import { bottomUp } from "./bottom-up.ts";
import { bruteForce } from "./brute-force.ts";
import { computeAll } from "./compute-all.ts";
import { downstreamOfChange } from "./downstream-of-change.ts";
import { exact } from "./exact.ts";
import { linearPass } from "./linear-pass.ts";
import { loadAll } from "./load-all.ts";
import { lp } from "./lp.ts";
import { maxFlowEdmondsKarp } from "./max-flow-edmonds-karp.ts";
import { maxFlow } from "./max-flow.ts";
import { perNodeGreedy } from "./per-node-greedy.ts";

/** Every built-in planner by id. */
export const reusePlanners = {
  exact,
  "max-flow": maxFlow,
  "max-flow-edmonds-karp": maxFlowEdmondsKarp,
  "linear-pass": linearPass,
  "compute-all": computeAll,
  "load-all": loadAll,
  "bottom-up": bottomUp,
  "per-node-greedy": perNodeGreedy,
  "downstream-of-change": downstreamOfChange,
  lp,
  "brute-force": bruteForce,
} as const satisfies Readonly<Record<string, ReusePlanner>>;

/** Id of a built-in planner. */
export type ReusePlannerId = keyof typeof reusePlanners;

/** All ids, in registry order. */
export const reusePlannerIds = Object.keys(reusePlanners) as readonly ReusePlannerId[];

/** Looks a planner up by any text; undefined if there is none of that id. */
export function reusePlannerById(id: string): ReusePlanner | undefined {
  return Object.hasOwn(reusePlanners, id) ? reusePlanners[id as ReusePlannerId] : undefined;
}
