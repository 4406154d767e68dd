/** Time and memory by number of nodes. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packProblems } from "../../src/harness/problem-binary.ts";
import { drawProblem } from "../../src/workloads/synthetic/families.ts";
import { alternate, mixed, type Row } from "./measuring.ts";

/** Exact planner and linear pass at 10^3 to 10^6 nodes. */
export function scaleRows(): Row[] {
  const rows: Row[] = [];
  for (const [family, query] of [
    ["collab", "leaves"],
    ["collab", "few"],
    ["layered", "leaves"],
    ["chains", "leaves"],
  ] as const) {
    for (const nodes of [1_000, 10_000, 100_000, 1_000_000]) {
      const problem = drawProblem(family, 21, 0, { ...mixed, nodes, query });
      for (let warm = 0; warm < (nodes < 100_000 ? 50 : 2); warm++) alternate(problem);
      const { exactUs, linearUs } = alternate(problem);
      rows.push({
        family: query === "few" ? `${family}, few outputs` : family,
        n: problem.nodeCount,
        "exact ms": (exactUs / 1_000).toFixed(3),
        "linear ms": (linearUs / 1_000).toFixed(3),
        ratio: (exactUs / linearUs).toFixed(3),
      });
      process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`);
    }
  }
  return rows;
}

/** Memory of one plan at 10^6 nodes, each planner in a process of its own; `compute-all` makes nothing but the plan. */
export function memoryRows(): Row[] {
  const folder = mkdtempSync(join(tmpdir(), "reuselab-memory-"));
  const rows: Row[] = [];
  try {
    for (const [family, query] of [
      ["collab", "leaves"],
      ["collab", "few"],
      ["layered", "leaves"],
      ["layered-dense", "leaves"],
      ["diamonds", "leaves"],
      ["chains", "leaves"],
    ] as const) {
      const problem = drawProblem(family, 21, 0, { ...mixed, nodes: 1_000_000, query });
      const small = drawProblem(family, 21, 0, { ...mixed, nodes: 10, query });
      const file = join(folder, "problems.bin");
      writeFileSync(file, packProblems([small, problem]));
      const bytes = ["exact", "linear-pass", "compute-all"].map((planner) => {
        const text = execFileSync(
          process.execPath,
          ["--expose-gc", "--import", "tsx", "src/harness/planner-probe.ts", planner, "{}", file],
          { encoding: "utf8" },
        );
        return (JSON.parse(text) as { peakBytes: number }).peakBytes;
      });
      const [exactBytes = 0, linearBytes = 0, planBytes = 0] = bytes;
      rows.push({
        family: query === "few" ? `${family}, few outputs` : family,
        n: problem.nodeCount,
        "problem MB": megabytes(24 * problem.nodeCount + 4 * problem.parentIds.length),
        "exact MB": megabytes(exactBytes),
        "linear MB": megabytes(linearBytes),
        "compute-all MB": megabytes(planBytes),
        "exact, extra MB": megabytes(exactBytes - planBytes),
      });
      process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
