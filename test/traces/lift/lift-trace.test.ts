import { describe, expect, test } from "vitest";
import type { TraceNode } from "../../../src/core/iteration.ts";
import type { LearnOp, Operator } from "../../../src/core/operators.ts";
import { TraceFormatError } from "../../../src/core/errors.ts";
import type { Trace } from "../../../src/traces/format/parse-text.ts";
import { parseTrace, formatTrace } from "../../../src/traces/format/parse-text.ts";
import { checkLift } from "../../../src/traces/lift/check-lift.ts";
import { fitLift, liftTrace, type ScaledTrace } from "../../../src/traces/lift/lift-trace.ts";
import { boostedModelBytes, workOf } from "../../../src/traces/lift/operator-work.ts";

const boosting: LearnOp = { op: "learn", model: "gradient-boosting", trees: 100, maxLeaves: 31, patience: 20 };
const operators: Readonly<Record<string, Operator>> = { model: boosting };
const operatorOf = (_: number, id: string): Operator | undefined => operators[id];

/** A recording whose costs are 3000 + 2·read + 5·made µs and whose sizes are lines: 100 + 4000·scale and so on. */
function recordingAt(scale: number, transferUs = (bytes: number) => 500 + 2 * bytes): ScaledTrace {
  const made = (
    id: string,
    op: string,
    parents: readonly string[],
    perScale: number,
    inputBytes: number,
  ): TraceNode => {
    const [sizeBytes, memoryBytes] = [100 + perScale * scale, 40 + 8 * perScale * scale];
    return {
      id,
      op,
      signature: `${id}@${scale}`,
      parents,
      computeUs: 3000 + 2 * inputBytes + 5 * memoryBytes,
      loadUs: transferUs(sizeBytes),
      writeUs: transferUs(sizeBytes) * 2,
      sizeBytes,
      memoryBytes,
      columns: [{ id: `c-${id}`, bytes: perScale * scale }],
    };
  };
  const a = made("a", "scan", [], 4000, 0);
  const b = made("b", "join", ["a"], 8000, a.memoryBytes ?? 0);
  const c = made("c", "join", ["b"], 12_000, b.memoryBytes ?? 0);
  const again = { ...b };
  const { columns: _, ...model } = made("model", "learn", ["c"], 0, 0);
  const trace: Trace = {
    header: {
      format: "reuselab.trace",
      version: 1,
      name: `t-${scale}x`,
      source: { rows: 10_000 * scale, imputed: ["writeUs"], initialUs: 5 },
    },
    iterations: [
      {
        iteration: 0,
        changeType: "initial",
        nodes: [a, b, c],
        segments: [{ nodes: ["a", "b"], fusedUs: 1 }],
        fusedUs: 2,
      },
      { iteration: 1, changeType: "dpr", nodes: [a, again, c, { ...model, quality: 0.7, computeCv: 0.1 }] },
    ],
  };
  return { scale, trace };
}

const model = fitLift(recordingAt(1), recordingAt(2), operatorOf);

describe("lifting a recording", () => {
  test("finds costs and sizes that really are what the model takes them for, at any scale", () => {
    const lifted = liftTrace(recordingAt(4), model, 100, operatorOf);
    const truth = recordingAt(100);
    const about = (node: TraceNode | undefined, of: (node: TraceNode) => number | undefined): number =>
      Math.round((node === undefined ? 0 : (of(node) ?? 0)) / 10);
    for (const id of ["a", "b", "c"]) {
      const [got, real] = [lifted, truth.trace].map(({ iterations }) => iterations[1]!.nodes.find((n) => n.id === id));
      expect([got?.sizeBytes, got?.memoryBytes, got?.columns]).toEqual([
        real?.sizeBytes,
        real?.memoryBytes,
        real?.columns,
      ]);
      for (const of of [(n: TraceNode) => n.computeUs, (n: TraceNode) => n.loadUs, (n: TraceNode) => n.writeUs])
        expect(Math.abs(about(got, of) - about(real, of))).toBeLessThanOrEqual(1);
    }
    const checks = checkLift(lifted, truth.trace);
    expect(checks.find(({ field, op }) => field === "computeUs" && op === "join")).toMatchObject({ results: 2 });
    expect(checks.find(({ field, op }) => field === "sizeBytes" && op === "join")).toMatchObject({
      total: 1,
      medianError: 0,
    });
  });

  test("what a column costs at any scale is not taken for growth", () => {
    const widths: Readonly<Record<string, number>> = { a: 3, b: 60, c: 40 };
    const wide = (scale: number): ScaledTrace => {
      const { trace } = recordingAt(scale);
      const widened = (node: TraceNode): TraceNode => {
        const columns = widths[node.id];
        if (columns === undefined) return node;
        const ids = Array.from({ length: columns }, (_, i) => ({ id: `${node.id}-${i}`, bytes: 10 * scale }));
        return { ...node, loadUs: (node.loadUs ?? 0) + 900 * columns, columns: ids };
      };
      const iterations = trace.iterations.map((one) => ({ ...one, nodes: one.nodes.map(widened) }));
      return { scale, trace: { ...trace, iterations } };
    };
    const lifted = liftTrace(wide(4), fitLift(wide(1), wide(2), operatorOf), 100, operatorOf);
    for (const [i, node] of wide(100).trace.iterations[0]!.nodes.entries())
      expect(lifted.iterations[0]!.nodes[i]!.loadUs! / node.loadUs!).toBeCloseTo(1, 4);
  });

  test("never makes a result cheaper or smaller than it was recorded", () => {
    const shrinking = fitLift(recordingAt(1), { ...recordingAt(0.5), scale: 2 }, operatorOf);
    const recorded = recordingAt(4);
    const lifted = liftTrace(recorded, shrinking, 100, operatorOf);
    for (const [i, node] of lifted.iterations[0]!.nodes.entries()) {
      const before = recorded.trace.iterations[0]!.nodes[i]!;
      expect(node.sizeBytes).toBe(before.sizeBytes);
      expect(node.computeUs).toBeGreaterThanOrEqual(before.computeUs);
    }
  });

  test("says which fields are modelled, keeps quality, and leaves out what it cannot lift", () => {
    const { header, iterations } = liftTrace(recordingAt(4), model, 100, operatorOf);
    expect(header.source?.imputed).toEqual(
      expect.arrayContaining(["writeUs", "computeUs", "loadUs", "sizeBytes", "memoryBytes", "columns", "quality"]),
    );
    expect(header.source).toMatchObject({ liftedFrom: "t-4x", liftedToScale: 100 });
    expect(header.source).not.toHaveProperty("initialUs");
    expect(iterations.some((line) => "segments" in line || "fusedUs" in line)).toBe(false);
    const learned = iterations[1]!.nodes.find(({ id }) => id === "model");
    expect(learned).toMatchObject({ quality: 0.7 });
    expect(learned).not.toHaveProperty("computeCv");
    expect(parseTrace(formatTrace({ header, iterations })).iterations).toEqual(iterations);
  });

  test("one signature keeps one cost and one column one size", () => {
    const { iterations } = liftTrace(recordingAt(4), model, 100, operatorOf);
    const [first, second] = iterations.map(({ nodes }) => nodes.find(({ id }) => id === "b"));
    expect(second).toEqual(first);
  });

  test("a boosted model has all its trees and leaves", () => {
    const { iterations } = liftTrace(recordingAt(4), model, 100, operatorOf);
    const learned = iterations[1]!.nodes.find(({ id }) => id === "model");
    const examples = iterations[1]!.nodes.find(({ id }) => id === "c")!.memoryBytes!;
    expect(learned?.sizeBytes).toBe(boostedModelBytes(boosting, 0, examples));
    expect(boostedModelBytes(boosting, 300, 3e8) - boostedModelBytes(boosting, 0, 1e6)).toBe(3200);
    // Of 800 values of 8 bytes, 691 rows train; leaves of 20 rows at least.
    const few = boostedModelBytes({ ...boosting, maxLeaves: 64 }, 1, 8 * 800);
    expect(few).toBe(boostedModelBytes({ ...boosting, maxLeaves: 34 }, 1, 1e9));
  });

  test("refuses recordings of other workloads", () => {
    const other = recordingAt(1);
    const less = { ...other, trace: { ...other.trace, iterations: other.trace.iterations.slice(0, 1) } };
    expect(() => fitLift(less, recordingAt(2), operatorOf)).toThrow(TraceFormatError);
    expect(() => fitLift(recordingAt(2), recordingAt(2), operatorOf)).toThrow(/two, ascending/u);
  });
});

describe("the work of an operator", () => {
  const input = { op: "learn", operator: boosting, memoryBytes: 0, inputBytes: 8e6, features: 100 };
  const bytesOf = (op: LearnOp): number => boostedModelBytes(op, 100, input.inputBytes);

  test("boosting is charged for the trees it grew, which its model's size tells, and for all of them where it is lifted to", () => {
    const whole = workOf({ ...input, sizeBytes: bytesOf(boosting), growsAll: true });
    expect(whole).toEqual({ kind: "learn/gradient-boosting", first: 8e8, second: 100 * 31 * 100 });
    const half = workOf({ ...input, sizeBytes: bytesOf({ ...boosting, trees: 50 }), growsAll: false });
    expect(half.first / whole.first).toBeCloseTo(0.7); // 50 kept, 20 thrown away
    const stopped = workOf({
      ...input,
      sizeBytes: bytesOf({ ...boosting, trees: 95 }),
      growsAll: false,
    });
    expect(stopped).toEqual(whole);
  });

  test("boosting that never stops early grew all its trees; its model's size tells their leaves", () => {
    const operator = { ...boosting, patience: 0 };
    const work = (leaves: number, growsAll: boolean): ReturnType<typeof workOf> =>
      workOf({ ...input, operator, sizeBytes: bytesOf({ ...operator, maxLeaves: leaves }), growsAll });
    expect(work(31, false).second / work(31, true).second).toBeCloseTo(1, 5);
    expect(work(8, false).first).toBe(work(31, true).first);
    expect(work(8, false).second / work(31, true).second).toBeCloseTo(8 / 31, 6);
    expect(work(8, true)).toEqual(work(31, true));
  });

  test("a forest's levels are those of the rows it trains on, held-out ones left out", () => {
    const forest: LearnOp = { op: "learn", model: "random-forest", trees: 10, minLeafRows: 5 };
    const first = (op: LearnOp): number => workOf({ ...input, operator: op, sizeBytes: 1, growsAll: true }).first;
    expect(first(forest) / (10 * input.inputBytes)).toBeCloseTo(Math.log2((10_000 * 19) / 22 / 5), 9);
    expect(first({ ...forest, holdOutEvery: 5 })).toBeLessThan(first(forest));
  });

  test("other operators read their inputs and make their results", () => {
    expect(workOf({ ...input, op: "join", operator: undefined, sizeBytes: 5, memoryBytes: 7, growsAll: true })).toEqual(
      {
        kind: "join",
        first: 8e6,
        second: 7,
      },
    );
  });
});
