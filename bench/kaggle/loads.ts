/**
 * Times loads of relations up to the rows of scale 1, where no recording was made, beside what the lifting model says of them:
 *
 *     tsx bench/kaggle/loads.ts [--fits results/kaggle-lift/fits.csv] [--write]
 *
 * Relations of numbers with two decimals, three in ten missing, are written and read as results are; page cache hot, median of three.
 * `--write` keeps the table as results/kaggle-lift/loads.md.
 */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemClock } from "../../src/core/clock.ts";
import { openDatabase } from "../../src/executors/duckdb/driver.ts";
import { readResult } from "../../src/executors/duckdb/result-file.ts";
import { textTable } from "../../src/report/text-table.ts";
import { quantile } from "../../experiments/planner-problems.ts";

const { values } = parseArgs({
  options: {
    fits: { type: "string", default: "results/kaggle-lift/fits.csv" },
    write: { type: "boolean", default: false },
  },
});

/** Columns and rows; 891 rows are those of scale 0.0025, 356,251 those of scale 1. */
const shapes = [
  [900, 891],
  [900, 3_563],
  [300, 35_625],
  [30, 356_251],
] as const;

const fit = readFileSync(values.fits, "utf8")
  .split("\n")
  .map((line) => line.split(","))
  .find(([cost, kind]) => cost === "loadHotUs" && kind === "relation");
if (fit === undefined)
  throw new Error(`${values.fits}: has no line "loadHotUs,relation"; make it by bench/kaggle/lift.ts`);
const [baseUs = 0, perColumn = 0, perByte = 0, perMemoryByte = 0] = fit.slice(3).map(Number);

const folder = mkdtempSync(join(tmpdir(), "reuselab-loads-"));
const database = await openDatabase();
const header = ["columns", "rows", "file, MB", "measured ms", "model ms", "model ÷ measured"];
const lines: string[][] = [];
try {
  for (const [columns, rows] of shapes) {
    const names = Array.from({ length: columns }, (_, i) => `c${i}`);
    const items = names.map(
      (name, i) => `CASE WHEN random() < 0.3 THEN NULL ELSE round(random() * ${10 * (i + 1)}, 2) END AS ${name}`,
    );
    const path = join(folder, "relation.parquet");
    await database.run(
      `COPY (SELECT ${items.join(", ")} FROM range(${rows})) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`,
      undefined,
    );
    const meta = {
      kind: "relation",
      rows,
      shape: { space: "rows", keys: [], columns: names.map((name) => ({ name, sqlType: "DOUBLE" })) },
    };
    const times: number[] = [];
    for (let round = -1; round < 3; round++) {
      const startUs = systemClock.nowUs();
      await readResult(database, "loaded", meta, { key: "loaded", path, signal: undefined }, undefined);
      if (round >= 0) times.push(systemClock.nowUs() - startUs);
      await database.run("DROP TABLE loaded", undefined);
    }
    const bytes = statSync(path).size;
    const measuredUs = quantile(times, 0.5);
    const modelUs = baseUs + perColumn * columns + perByte * bytes + perMemoryByte * 8 * columns * rows;
    lines.push([
      String(columns),
      String(rows),
      (bytes / 1e6).toFixed(2),
      (measuredUs / 1e3).toFixed(1),
      (modelUs / 1e3).toFixed(1),
      (modelUs / measuredUs).toPrecision(2),
    ]);
  }
} finally {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(textTable(header, lines));
if (values.write) {
  const table = [header, header.map(() => "---"), ...lines].map((line) => `| ${line.join(" | ")} |`).join("\n");
  writeFileSync(
    "results/kaggle-lift/loads.md",
    `# Kaggle: loads up to the rows of scale 1, beside the lifting model\n\nMade by \`tsx bench/kaggle/loads.ts --write\`, never edited. Measured on this machine, page cache hot, medians of three.\n\n${table}\n`,
  );
}
