/** The registry of workloads: command line, documentation and contract tests read it. A new workload is one line here. */
import type { Workload } from "../core/workload.ts";
import { census, censusBranch, censusCover, censusDist } from "./census/index.ts";
import { ie, ieCover, ieDist } from "./ie/index.ts";
import { kaggle, kaggleSingles } from "./kaggle/index.ts";

/** Every built-in workload by id; parameters are parsed by the workload itself (`{}` = defaults). */
export const workloads: Readonly<Record<string, Workload>> = {
  census,
  "census-dist": censusDist,
  "census-branch": censusBranch,
  "census-cover": censusCover,
  ie,
  "ie-dist": ieDist,
  "ie-cover": ieCover,
  kaggle,
  ...Object.fromEntries(kaggleSingles.map((workload) => [workload.id, workload])),
};

/** Looks a workload up by any text; undefined if there is none of that id. */
export function workloadById(id: string): Workload | undefined {
  return Object.hasOwn(workloads, id) ? workloads[id] : undefined;
}
