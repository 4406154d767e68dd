import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readCells } from "../../src/harness/cells.ts";
import {
  cellLineSchema,
  claimsSchema,
  metaSchema,
  resultJsonSchemas,
  runLineSchema,
} from "../../src/harness/result-schemas.ts";
import { readRuns } from "../../src/harness/run-lock.ts";
import { runExperiment } from "../../src/harness/run.ts";
import { poolExperiments } from "./pool-experiments.ts";

const folder = mkdtempSync(join(tmpdir(), "reuselab-schemas-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const stored = new URL("../golden/results-v1/", import.meta.url).pathname;
const committed = new URL("../../results/", import.meta.url).pathname;
const linesOf = (file: string): readonly unknown[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);

describe("the published schemas", () => {
  test.each(Object.entries(resultJsonSchemas()))("%s in the repository is the one of the code", (name, schema) => {
    const file = readFileSync(new URL(`../../schemas/${name}`, import.meta.url), "utf8");
    expect(JSON.parse(file)).toEqual(JSON.parse(JSON.stringify(schema)));
  });

  test("fit what a run writes, failed cells included", async () => {
    for (const { id } of poolExperiments) {
      const experiment = poolExperiments.find((one) => one.id === id)!;
      const filters = id === "troubles" ? ["trouble=none,throw"] : [];
      const own = join(folder, id);
      await runExperiment(experiment, { folder: own, filters });
      for (const line of linesOf(join(own, "cells.jsonl"))) expect(cellLineSchema.parse(line)).toEqual(line);
      for (const line of linesOf(join(own, "runs.jsonl"))) expect(runLineSchema.parse(line)).toEqual(line);
      const meta = JSON.parse(readFileSync(join(own, "meta.json"), "utf8")) as { claims: unknown };
      expect(metaSchema.parse(meta)).toEqual(meta);
      expect(claimsSchema.parse(meta.claims)).toEqual(meta.claims);
    }
  });

  test.each(readdirSync(committed).filter((name) => existsSync(join(committed, name, "meta.json"))))(
    "fit the committed results of %s",
    (name) => {
      const file = (part: string): string => join(committed, name, part);
      for (const line of linesOf(file("cells.jsonl"))) cellLineSchema.parse(line);
      for (const line of linesOf(file("runs.jsonl"))) runLineSchema.parse(line);
      const meta = metaSchema.parse(JSON.parse(readFileSync(file("meta.json"), "utf8")));
      expect(meta.experiment).toBe(name);
      claimsSchema.parse(meta.claims);
    },
  );

  test("refuse a cell with an unknown status, and a key that is no hash", () => {
    const [line] = linesOf(join(stored, "cells.jsonl"));
    expect(cellLineSchema.safeParse(line).success).toBe(true);
    expect(cellLineSchema.safeParse({ ...(line as object), status: "lost" }).success).toBe(false);
    expect(cellLineSchema.safeParse({ ...(line as object), key: "1" }).success).toBe(false);
  });
});

describe("result files written by earlier versions", () => {
  test("of version 1 stay readable: every cell with its rows, every run", () => {
    const { cells, isFinished } = readCells(join(stored, "cells.jsonl"));
    const lines = linesOf(join(stored, "cells.jsonl"));
    expect(isFinished).toBe(true);
    expect(cells.size).toBe(lines.length);
    for (const cell of cells.values()) if (cell.status === "done") expect(cell.rows.length).toBeGreaterThan(0);
    expect(readRuns(join(stored, "runs.jsonl")).length).toBeGreaterThan(0);
  });

  test("of mixed versions: those of this version and before are read, a newer line is named with file and line", () => {
    const file = join(folder, "mixed.jsonl");
    const lines = readFileSync(join(stored, "cells.jsonl"), "utf8").trimEnd().split("\n");
    const newer = lines[0]!.replace('"version":1', '"version":2');
    writeFileSync(file, `${lines.join("\n")}\n${newer}\n`);
    expect(() => readCells(file)).toThrow(
      new RegExp(`mixed\\.jsonl:${lines.length + 1}: has version 2; .*update it`, "u"),
    );
  });
});
