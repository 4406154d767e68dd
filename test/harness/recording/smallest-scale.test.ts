import { describe, expect, test } from "vitest";
import type { TraceIteration } from "../../../src/core/iteration.ts";
import { smallestScale, type SmallRecording } from "../../../src/harness/recording/smallest-scale.ts";

/** Two iterations of one node each; a version takes 1 s + 2 s·scale, a write 0.5 s, loads nothing. */
function recording(scale: number, more: Readonly<Record<string, unknown>> = {}): SmallRecording {
  const computeUs = 1e6 + 2e6 * scale;
  const line = (iteration: number): TraceIteration => ({
    iteration,
    changeType: iteration === 0 ? "initial" : "dpr",
    nodes: [{ id: "a", op: "scan", signature: `s${iteration}`, parents: [], computeUs, sizeBytes: 1, writeUs: 5e5 }],
    fusedUs: computeUs,
  });
  const source = { workload: "w", executor: "spark 4.0.1", scale, ...more };
  return { header: { format: "reuselab.trace", version: 1, name: "w", source }, iterations: [line(0), line(1)] };
}

describe("the smallest scale at which a workload says something,", () => {
  test("worked by hand", () => {
    // Fixed: 0.95 · 1 ÷ (0.04 · 2) = 11.875. Sequence: 2 + 4·s ≥ 180 from s = 44.5, rounded up to 45.
    const found = smallestScale(recording(1), recording(0.1));
    expect(found.fixedCostScale).toBeCloseTo(11.875, 9);
    expect(found.sequenceScale).toBeCloseTo(44.5, 9);
    expect(found.scale).toBe(45);
    expect(found.initialSeconds).toBeCloseTo(91, 9);
    expect(found.sequenceSeconds).toBeCloseTo(182, 9);
    // Two results computed (91 s) and written (0.5 s), two versions as wholes (91 s).
    expect(found.repetitionMinutes).toBeCloseTo(365 / 60, 9);
  });

  test("needs two scales of one workload on one engine, and times that grow", () => {
    expect(() => smallestScale(recording(1), recording(1))).toThrow(/both recordings are of scale 1/u);
    expect(() => smallestScale(recording(1), recording(2, { executor: "duckdb 1" }))).toThrow(/of executor/u);
    expect(() => smallestScale(recording(1), recording(2, { workload: "v" }))).toThrow(/of workload/u);
    expect(() => smallestScale(recording(1), recording(2, { scale: "big" }))).toThrow(/does not say its scale/u);
    const falling = { ...recording(2), header: recording(0.5).header };
    expect(() => smallestScale(recording(1), falling)).toThrow(/do not grow/u);
  });
});
