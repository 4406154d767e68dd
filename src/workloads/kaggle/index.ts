import type { Workload } from "../../core/workload.ts";
import { type EditType, flattenEdits, type Run } from "../edits.ts";
import { countArtifacts } from "./artifacts.ts";
import { kaggleVersion, kaggleVersions } from "./versions.ts";

const dataset = "home-credit";
const domain = "credit-risk";

function run(number: number, data: Parameters<typeof kaggleVersion>[1], changeType: EditType, base: number): Run {
  return { edit: { label: `kaggle-${number}`, changeType, apply: () => kaggleVersion(number, data) }, base };
}

/** How many artifacts the workloads have, beside the published Table 1, by workload. */
function artifactFacts(only?: string): Readonly<Record<string, unknown>> {
  const counts = countArtifacts().filter(({ workload }) => only === undefined || workload === only);
  return Object.fromEntries(
    counts.map(({ workload, artifacts, fresh, publishedArtifacts, publishedGigabytes }) => [
      only === undefined ? workload : "artifacts",
      { artifacts, inNoneBefore: fresh, publishedArtifacts, publishedGigabytes },
    ]),
  );
}

/** The eight workloads one after the other, as eight users run them; each names the one it was made from. */
export const kaggle: Workload = {
  id: "kaggle",
  title: "Home Credit: the eight Kaggle workloads in order",
  domain,
  dataset,
  versions: (data) =>
    flattenEdits({
      first: kaggleVersion(1, data),
      runs: kaggleVersions.slice(1).map(({ changeType, base = 0 }, i) => run(i + 2, data, changeType, base)),
    }),
  facts: () => artifactFacts(),
};

/** `kaggle-1` … `kaggle-8`: each workload alone. */
export const kaggleSingles: readonly Workload[] = kaggleVersions.map(({ title }, i) => ({
  id: `kaggle-${i + 1}`,
  title: `Home Credit ${i + 1}: ${title}`,
  domain,
  dataset,
  versions: (data) => flattenEdits({ first: kaggleVersion(i + 1, data), runs: [] }),
  facts: () => artifactFacts(`kaggle-${i + 1}`),
}));
