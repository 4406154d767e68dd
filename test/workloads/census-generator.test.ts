import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { adultColumns } from "../../src/workloads/census/columns.ts";
import { adultRows, censusChunks, type CensusPart } from "../../src/workloads/census/generator.ts";

const textOf = (part: CensusPart, rowsPerChunk?: number): string => [...censusChunks(part, rowsPerChunk)].join("");
const rowsOf = (text: string): string[][] =>
  text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("|"))
    .map((line) => line.split(", "));
const train = rowsOf(textOf({ split: "train", rows: adultRows.train, seed: 1 }));
const real = join("..", "shared", "data", "census", "adult.data");
const column = (name: string): number => adultColumns.findIndex((spec) => spec.name === name);
const share = (rows: readonly (readonly string[])[], test: (row: readonly string[]) => boolean): number =>
  rows.filter((row) => test(row)).length / rows.length;

describe("the Census generator", () => {
  test("is pinned: the same seed gives the same bytes everywhere", () => {
    const hash = createHash("sha256")
      .update(textOf({ split: "test", rows: 500, seed: 1 }))
      .digest("hex");
    expect(hash).toMatchInlineSnapshot(`"70f486899baa06f0025abfe699254a69a38d68cf33c507a606f750e0a3ff7cf1"`);
  });

  test("other seeds and splits give other rows; a longer part begins with the rows of a shorter one; chunks change nothing", () => {
    const part = { split: "train", rows: 100, seed: 1 } as const;
    expect(textOf({ ...part, seed: 2 })).not.toBe(textOf(part));
    expect(rowsOf(textOf({ ...part, split: "test" }))[0]).not.toEqual(rowsOf(textOf(part))[0]);
    expect(textOf({ ...part, rows: 250 }).startsWith(textOf(part))).toBe(true);
    expect(textOf(part, 7)).toBe(textOf(part));
    expect(textOf({ ...part, rows: 0 })).toBe("");
  });

  test("makes rows only as they are asked for", () => {
    const chunks = censusChunks({ split: "train", rows: Number.MAX_SAFE_INTEGER, seed: 1 });
    expect(String(chunks.next().value).split("\n")).toHaveLength(2_001);
  });

  test("has Adult's schema: fifteen fields, integers where the columns say so, a full stop after test labels", () => {
    const isRow = (row: readonly string[]): boolean =>
      row.length === adultColumns.length &&
      adultColumns.every(({ type }, i) => type !== "integer" || /^\d+$/u.test(row[i] ?? "")) &&
      (row[14] === ">50K" || row[14] === "<=50K");
    expect(train.filter((row) => !isRow(row))).toEqual([]);
    expect(
      rowsOf(textOf({ split: "test", rows: 50, seed: 1 })).every((row) => row[14]?.endsWith("50K.") ?? false),
    ).toBe(true);
  });

  test("has dependences a census has: rich people are older, married, better educated", () => {
    const rich = train.filter((row) => row[14] === ">50K");
    const poor = train.filter((row) => row[14] !== ">50K");
    const mean = (rows: string[][], name: string): number =>
      rows.reduce((sum, row) => sum + Number(row[column(name)]), 0) / rows.length;
    for (const name of ["age", "education-num", "hours-per-week", "capital-gain"])
      expect(mean(rich, name)).toBeGreaterThan(mean(poor, name));
    expect(
      share(train, (row) => row[column("relationship")] === "Husband" && row[column("sex")] === "Female"),
    ).toBeLessThan(0.001);
    expect(share(train, (row) => row[column("capital-gain")] !== "0" && row[column("capital-loss")] !== "0")).toBe(0);
  });

  test.skipIf(!existsSync(real))(
    `has the marginals of Adult to two per cent (left out where ${real} is missing)`,
    () => {
      const original = readFileSync(real, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => line.split(", "));
      for (const [i, { name, type }] of adultColumns.entries()) {
        if (type === "text")
          for (const value of new Set(original.map((row) => row[i])))
            expect(
              Math.abs(share(train, (row) => row[i] === value) - share(original, (row) => row[i] === value)),
              `${name} ${value}`,
            ).toBeLessThan(0.02);
        else
          for (const q of [0.1, 0.25, 0.5, 0.75, 0.9]) {
            const at = (rows: readonly (readonly string[])[]): number =>
              rows.map((row) => Number(row[i])).sort((a, b) => a - b)[Math.floor(q * rows.length)] ?? 0;
            expect(Math.abs(at(train) - at(original)), `${name} at ${q}`).toBeLessThanOrEqual(0.1 * at(original) + 1);
          }
      }
    },
  );
});
