/**
 * The exact planner against the linear pass on every family, kernel sizes, gaps of the other planners, replanning after
 * edits, scale and memory: the tables of results/planner-lab.
 *
 *   npx tsx bench/planner/run.ts [--scale 1] [--out results/planner-lab] [--part families,edits,scale,memory]
 *
 * Times: the least of five alternating runs per problem. Costs are compared with max-flow on one problem in twenty.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { families } from "./families.ts";
import type { Row } from "./measuring.ts";
import { edits } from "./replanning.ts";
import { memoryRows, scaleRows } from "./size.ts";

const { values } = parseArgs({
  options: {
    scale: { type: "string", default: "1" },
    out: { type: "string", default: "results/planner-lab" },
    part: { type: "string", default: "families,edits,scale,memory" },
  },
});

function tableOf(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  return [
    `| ${columns.join(" | ")} |`,
    `|${columns.map((_, i) => (i === 0 ? "---" : "--:")).join("|")}|`,
    ...rows.map((row) => `| ${columns.map((name) => row[name] ?? "").join(" | ")} |`),
  ].join("\n");
}

const makers: Record<string, { title: string; make: () => Row[] }> = {
  families: { title: "Exact planner and linear pass, by family", make: () => families(Number(values.scale)) },
  edits: {
    title: "Replanning after one edit (1,000 edits after 1,000 to warm up; per edit the least of three replays)",
    make: edits,
  },
  scale: { title: "Scale (0.6 stored, loads e^1)", make: scaleRows },
  memory: {
    title: "Growth of resident memory while planning, a process per planner (0.6 stored, loads e^1)",
    make: memoryRows,
  },
};
const file = join(values.out, "planner.json");
let kept: Record<string, Row[]> = {};
try {
  kept = (JSON.parse(readFileSync(file, "utf8")) as { tables: Record<string, Row[]> }).tables;
} catch {
  // the first run
}
const tables: Record<string, Row[]> = { ...kept };
for (const part of values.part.split(",")) tables[part] = makers[part]!.make();
const machine = {
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryBytes: totalmem(),
  node: process.version,
};
mkdirSync(values.out, { recursive: true });
writeFileSync(file, `${JSON.stringify({ machine, tables }, undefined, 1)}\n`);
const sections = Object.entries(makers)
  .filter(([part]) => tables[part] !== undefined)
  .map(([part, { title }]) => `## ${title}\n\n${tableOf(tables[part]!)}\n`);
writeFileSync(
  join(values.out, "planner.md"),
  `# Planner laboratory\n\nMade by \`npx tsx bench/planner/run.ts\` on ${machine.cpu}, ${machine.cores} cores shared with other work, Node ${machine.node}: trust the ratios, not the times.\nTimes are the least of five alternating runs per problem; "total ratio" is Σ exact ÷ Σ linear pass, the columns after it are over problems.\nA gap is cost ÷ optimum.\n\n${sections.join("\n")}`,
);
