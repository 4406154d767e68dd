import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StoreError } from "../../src/core/errors.ts";
import {
  canonicalJson,
  cellKey,
  cellLine,
  CellWriter,
  parseCellLine,
  readCells,
  writeCells,
  type Cell,
} from "../../src/harness/cells.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-cells-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function cell(n: number, rows: Cell["rows"] = [{ iteration: 0, runUs: n }]): Cell {
  const configuration = {
    experiment: "toy",
    experimentVersion: 1,
    params: { n },
    seed: 1,
    executor: "simulated",
    inputs: {},
    policy: "1",
  };
  return { key: cellKey(configuration), configuration, status: "done", rows, facts: {}, exclusions: [] };
}

describe("a cell's key", () => {
  test("does not depend on the order of parameters and differs with each of them", () => {
    const { configuration } = cell(1);
    const a = cellKey({ ...configuration, params: { x: 1, y: 2 } });
    expect(cellKey({ ...configuration, params: { y: 2, x: 1 } })).toBe(a);
    const others = [
      { ...configuration, params: { x: 1, y: 3 } },
      { ...configuration, params: { x: 1, y: 2 }, seed: 2 },
      { ...configuration, params: { x: 1, y: 2 }, inputs: { census: "abc" } },
      { ...configuration, params: { x: 1, y: 2 }, policy: "2" },
      { ...configuration, params: { x: 1, y: 2 }, executor: "duckdb" },
      { ...configuration, params: { x: 1, y: 2 }, experimentVersion: 2 },
    ].map(cellKey);
    expect(new Set([a, ...others]).size).toBe(7);
  });

  test("canonical JSON sorts keys by code point, at every depth, and leaves out undefined", () => {
    expect(canonicalJson({ b: [{ z: 1, Z: 2 }], a: undefined, ä: "é" })).toBe('{"b":[{"Z":2,"z":1}],"ä":"é"}');
  });
});

describe("cells.jsonl", () => {
  test("a line gives back the cell, whatever the rows", () => {
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const rows = fc
      .uniqueArray(
        fc.string({ minLength: 1 }).filter((name) => name !== "__proto__"),
        { minLength: 1, maxLength: 4 },
      )
      .chain((names) =>
        fc.array(
          fc
            .tuple(...names.map(() => scalar))
            .map((values) => Object.fromEntries(names.map((name, i) => [name, values[i] ?? null]))),
          { maxLength: 5 },
        ),
      );
    fc.assert(
      fc.property(rows, (some) => {
        const before = cell(1, some);
        expect(parseCellLine(cellLine(before), "f", 1)).toEqual(before);
      }),
    );
  });

  test("is sorted by key when rewritten, whatever the order of finishing", () => {
    const cells = [cell(1), cell(2), cell(3)];
    const [a, b] = [join(folder, "a.jsonl"), join(folder, "b.jsonl")];
    writeCells(a, cells);
    writeCells(b, [...cells].reverse());
    expect(readFileSync(a, "utf8")).toBe(readFileSync(b, "utf8"));
  });

  test("ignores a half-written last line and keeps all before it", () => {
    const file = join(folder, "cells.jsonl");
    writeCells(file, [cell(1), cell(2)]);
    appendFileSync(file, cellLine(cell(3)).slice(0, 40));
    const { cells, truncated } = readCells(file);
    expect(cells.size).toBe(2);
    expect(truncated).toBe(true);
  });

  test("a bad line in the middle names file and line", () => {
    const file = join(folder, "cells.jsonl");
    writeFileSync(file, `${cellLine(cell(1))}\nnonsense\n${cellLine(cell(2))}\n`);
    expect(() => readCells(file)).toThrow(/cells\.jsonl:2: is not JSON/u);
  });

  test("a line of a newer format is refused with its version", () => {
    const newer = cellLine(cell(1)).replace('"version":1', '"version":9');
    expect(() => parseCellLine(newer, "cells.jsonl", 4)).toThrow(StoreError);
    expect(() => parseCellLine(newer, "cells.jsonl", 4)).toThrow(/cells\.jsonl:4: has version 9/u);
  });

  test("of a failed and a finished cell with one key the finished one counts, in either order", () => {
    const done = cell(1);
    const failed: Cell = { ...done, status: "failed", rows: [], error: { code: "E_BUG", message: "no" } };
    const file = join(folder, "cells.jsonl");
    for (const order of [
      [done, failed],
      [failed, done],
    ]) {
      writeFileSync(file, order.map((one) => `${cellLine(one)}\n`).join(""));
      expect(readCells(file).cells.get(done.key)?.status).toBe("done");
    }
  });

  test("appended cells are on disk at once", () => {
    const writer = new CellWriter(folder);
    writer.append([cell(1)]);
    expect(readCells(join(folder, "cells.jsonl")).cells.size).toBe(1);
    writer.close();
  });

  test("rows with different columns in one cell are refused", () => {
    expect(() => cellLine(cell(1, [{ a: 1 }, { b: 1 }]))).toThrow(StoreError);
  });
});
