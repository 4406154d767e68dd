/**
 * Rewrites the generated part of README.md from the registries and the committed results; `--check` only compares.
 * Run by `npm run generate:readme`.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { experiments } from "../experiments/registry.ts";
import { materializers } from "../src/algorithms/materialize/index.ts";
import { reusePlanners } from "../src/algorithms/reuse/index.ts";
import { systems } from "../src/baselines/index.ts";
import type { Materializer } from "../src/core/materializer.ts";
import type { ReusePlanner } from "../src/core/plug-in.ts";
import type { SystemSpec } from "../src/core/system.ts";
import { verdicts } from "../src/harness/claims.ts";
import type { ResultMeta } from "../src/harness/run-derived.ts";
import { markdownTable } from "../src/report/text-table.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const start = "<!-- generated: npm run generate:readme -->";
const end = "<!-- /generated -->";

/** Claims of an experiment as its committed results have them: how many of each verdict. */
function verdictsOf(id: string): string {
  const file = join(root, "results", id, "meta.json");
  if (!existsSync(file)) return "no committed result yet";
  const { claims } = JSON.parse(readFileSync(file, "utf8")) as ResultMeta;
  if (claims.length === 0) return "states no claims";
  const counts = verdicts.map(
    (verdict) => [verdict, claims.filter((claim) => claim.verdict === verdict).length] as const,
  );
  return counts
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${count} ${verdict}`)
    .join(", ");
}

/** Tables of the committed results of the arena; none before there are any. */
function leaderboard(): readonly string[] {
  const file = join(root, "results", "arena", "meta.json");
  if (!existsSync(file)) return [];
  const meta = JSON.parse(readFileSync(file, "utf8")) as Pick<ResultMeta, "tables">;
  return meta.tables.flatMap(({ title, note, header, rows }) => [
    `## Leaderboard: ${title.toLowerCase()}`,
    note,
    markdownTable(header, rows),
  ]);
}

function tables(): string {
  const planners = Object.values<ReusePlanner>(reusePlanners).map(({ id, title, source = "", complexity, exact }) => [
    `\`${id}\``,
    title,
    source,
    complexity,
    exact === true ? "yes" : "no",
  ]);
  const keepers = Object.values<Materializer>(materializers).map((materializer) => [
    `\`${materializer.id}\``,
    materializer.title,
    materializer.kind === "batch" ? "batch, at the end" : `online, at ${materializer.decideAt}`,
  ]);
  const specs = Object.values<SystemSpec>(systems).map(({ id, title, planner, materializer, source = "" }) => [
    `\`${id}\``,
    title,
    `\`${planner}\``,
    `\`${materializer}\``,
    source,
  ]);
  const figures = experiments.map(({ id, title, reproduces }) => [
    title,
    reproduces,
    `\`reuselab reproduce ${id}\``,
    verdictsOf(id),
    `\`results/${id}\``,
  ]);
  return [
    "## What it reproduces",
    markdownTable(["figure or question", "from", "command", "verdicts of its claims", "where"], figures),
    ...leaderboard(),
    "## Planners",
    markdownTable(["id", "title", "source", "complexity", "exact"], planners),
    "## Materializers",
    markdownTable(["id", "title", "decides"], keepers),
    "## Systems",
    markdownTable(["id", "title", "planner", "materializer", "source"], specs),
  ]
    .map((part) => part.trimEnd())
    .join("\n\n");
}

const file = join(root, "README.md");
const text = readFileSync(file, "utf8");
const [head = "", rest = ""] = text.split(start);
const wanted = `${head}${start}\n\n${tables().trimEnd()}\n\n${end}${rest.slice(rest.indexOf(end) + end.length)}`;
if (!process.argv.includes("--check")) writeFileSync(file, wanted);
else if (wanted !== text) {
  process.stderr.write("README.md: the generated part is not what the registries give; run npm run generate:readme\n");
  process.exitCode = 1;
}
