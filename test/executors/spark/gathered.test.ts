import { create } from "@bufbuild/protobuf";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { expect, it } from "vitest";
import { decodedRows, rowsOf } from "../../../src/executors/spark/arrow-columns.ts";
import { Gathered } from "../../../src/executors/spark/gathered.ts";
import { ExecutePlanResponseSchema } from "../../../src/executors/spark/generated/base_pb.ts";

/** A message with rows as the server sends them. */
function rowsFrom(startOffset: number, values: readonly number[], rowCount = values.length) {
  const data = tableToIPC(tableFromArrays({ id: Int32Array.from(values) }), "stream");
  const value = { rowCount: BigInt(rowCount), data, startOffset: BigInt(startOffset) };
  return create(ExecutePlanResponseSchema, { responseType: { case: "arrowBatch", value } });
}

it("every row of every message is decoded, in order", () => {
  const gathered = new Gathered();
  for (const message of [rowsFrom(0, [1, 2, 3]), rowsFrom(3, [4])]) gathered.add(message);
  const { batches, rowCount } = gathered.result();
  const table = decodedRows(batches, rowCount);
  expect(rowsOf(table)).toEqual([[1], [2], [3], [4]]);
});

it("fewer rows than the server says it sent are an error, not a result", () => {
  const gathered = new Gathered();
  gathered.add(rowsFrom(0, [1, 2, 3], 4));
  const { batches, rowCount } = gathered.result();
  expect(() => decodedRows(batches, rowCount)).toThrow(/decoded 3 rows of 4 sent/u);
});

it.each([
  ["lost", 5],
  ["sent twice", 0],
])("a message that was %s in between is an error", (_title, offset) => {
  const gathered = new Gathered();
  gathered.add(rowsFrom(0, [1, 2, 3]));
  expect(() => gathered.add(rowsFrom(offset, [4]))).toThrow(`rows from ${offset} on came after 3 rows`);
});
