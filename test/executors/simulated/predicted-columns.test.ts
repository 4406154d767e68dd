import { expect, test } from "vitest";
import type { ColumnBytes, TraceNode } from "../../../src/core/iteration.ts";
import { PredictedColumns } from "../../../src/executors/simulated/predicted-columns.ts";
import { node } from "../../support/sequences.ts";

const column = (id: string, bytes: number, memoryBytes: number, type = "TEXT"): ColumnBytes => ({
  id,
  bytes,
  memoryBytes,
  type,
});
const relation = (id: string, columns: readonly ColumnBytes[]): TraceNode => ({ ...node(id, "", 1), columns });
const fresh = (): PredictedColumns => new PredictedColumns({ usualCompression: 0.1, fileOverheadBytes: 5 });

test("a column never stored is expected by its memory, then by the compression last seen of its type", () => {
  const columns = fresh();
  const a = relation("a", [column("x", 40, 100), column("y", 20, 200)]);
  const b = relation("b", [column("z", 1, 300), column("n", 8, 80, "INTEGER")]);
  expect(columns.in(a)).toEqual([
    { id: "x", bytes: 15 },
    { id: "y", bytes: 25 },
  ]);
  expect(columns.add("key a", a)).toEqual({ bytes: 70, newFiles: 2, newBytes: 70 });
  // y was the last TEXT: (25 − 5) ÷ 200 = 0.1 of its memory; no INTEGER was stored.
  expect(columns.in(b)).toEqual([
    { id: "z", bytes: 35 },
    { id: "n", bytes: 13 },
  ]);
  expect(columns.in(a)).toEqual(columns.of("key a"));
});

test("a column two results have is known until the last one goes", () => {
  const columns = fresh();
  const shared = column("s", 30, 100);
  columns.add("1", relation("a", [shared]));
  expect(columns.add("2", relation("b", [shared, column("t", 50, 100), shared]))).toEqual({
    bytes: 90,
    newFiles: 1,
    newBytes: 55,
  });
  expect(columns.of("2")).toEqual([
    { id: "s", bytes: 35 },
    { id: "t", bytes: 55 },
  ]);
  columns.remove("1");
  expect(columns.of("1")).toBeUndefined();
  expect(columns.in(relation("c", [shared]))).toEqual([{ id: "s", bytes: 35 }]);
  columns.remove("2");
  expect(columns.in(relation("c", [shared]))).toEqual([{ id: "s", bytes: 5 + 50 }]);
});

test("without memory and type a column is as recorded, and a result without columns is one file", () => {
  const columns = fresh();
  expect(columns.in(relation("a", [{ id: "x", bytes: 7 }]))).toEqual([{ id: "x", bytes: 7 }]);
  const model = { ...node("m", "", 1), sizeBytes: 90 };
  expect(columns.in(model)).toEqual([{ id: model.signature, bytes: 90 }]);
  expect(columns.add("m", model)).toEqual({ bytes: 90, newFiles: 1, newBytes: 90 });
  expect(columns.add("m", model).newFiles).toBe(1);
});
