/** Prints how many artifacts the Kaggle workloads have beside the published Table 1: `tsx bench/kaggle/artifacts.ts`. */
import { columnsOf } from "../../src/core/column-lineage.ts";
import { textTable } from "../../src/report/text-table.ts";
import { countArtifacts, namedOnly } from "../../src/workloads/kaggle/artifacts.ts";
import { kaggleVersion } from "../../src/workloads/kaggle/versions.ts";

const rows = countArtifacts().map((count, i) => {
  const nodes = kaggleVersion(i + 1, namedOnly).nodes.map((node) => ({ ...node, id: node.name }));
  const widths = [...columnsOf(nodes).values()].map((columns) => columns.length);
  return [
    count.workload,
    count.title,
    String(count.artifacts),
    String(count.fresh),
    String(Math.max(...widths)),
    String(count.publishedArtifacts),
    String(count.publishedGigabytes),
  ];
});
const header = ["workload", "what it does", "artifacts", "new", "widest, columns", "published N", "published S, GB"];
process.stdout.write(textTable(header, rows));
