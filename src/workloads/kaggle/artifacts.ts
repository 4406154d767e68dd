/** How many artifacts the workloads have, beside the published counts. */
import type { WorkloadData } from "../../core/workload.ts";
import type { SourceOp } from "../../core/operators.ts";
import { signaturesOf } from "../../core/signature.ts";
import { kaggleVersion, kaggleVersions } from "./versions.ts";
import { homeCreditColumns } from "./tables.ts";

/** Artifacts N and their size S of each workload. Source: Derakhshan et al., SIGMOD 2020, Table 1. */
export const publishedArtifacts: readonly { readonly artifacts: number; readonly gigabytes: number }[] = [
  { artifacts: 397, gigabytes: 14.5 },
  { artifacts: 406, gigabytes: 25 },
  { artifacts: 146, gigabytes: 83.5 },
  { artifacts: 280, gigabytes: 10 },
  { artifacts: 402, gigabytes: 13.8 },
  { artifacts: 121, gigabytes: 21 },
  { artifacts: 145, gigabytes: 83 },
  { artifacts: 341, gigabytes: 21.1 },
];

/** One workload's counts. */
export interface ArtifactCount {
  readonly workload: string;
  readonly title: string;
  /** Nodes, sources included. */
  readonly artifacts: number;
  /** Of these, in none of the workloads before. */
  readonly fresh: number;
  readonly publishedArtifacts: number;
  readonly publishedGigabytes: number;
}

/** Data that exist by name only: enough to build workflows, not to run them. */
export const namedOnly: WorkloadData = {
  sources: Object.fromEntries(
    Object.keys(homeCreditColumns).map((table): readonly [string, SourceOp] => [
      table,
      { op: "source", dataset: "home-credit", fingerprint: table, files: [] },
    ]),
  ),
};

/** Counts of all eight workloads, in order. */
export function countArtifacts(data: WorkloadData = namedOnly): readonly ArtifactCount[] {
  const known = new Set<string>();
  return kaggleVersions.map(({ title }, i) => {
    const signatures = new Set(signaturesOf(kaggleVersion(i + 1, data)).values());
    const fresh = [...signatures].filter((signature) => !known.has(signature));
    for (const signature of fresh) known.add(signature);
    return {
      workload: `kaggle-${i + 1}`,
      title,
      artifacts: signatures.size,
      fresh: fresh.length,
      publishedArtifacts: publishedArtifacts[i]?.artifacts ?? 0,
      publishedGigabytes: publishedArtifacts[i]?.gigabytes ?? 0,
    };
  });
}
