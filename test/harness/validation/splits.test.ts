import { describe, expect, test } from "vitest";
import type { Iteration, TraceIteration, TraceNode } from "../../../src/core/iteration.ts";
import { costsOfLarger } from "../../../src/harness/validation/larger-scale.ts";
import {
  costsOfSame,
  withHotLoads,
  withLeastTransfers,
  withModelledLoads,
} from "../../../src/harness/validation/splits.ts";

function recorded(costs: Partial<TraceNode>, fusedUs: number): readonly TraceIteration[] {
  const node = { id: "a", op: "scan", signature: "old", parents: [], computeUs: 1, sizeBytes: 1, ...costs };
  return [{ iteration: 0, changeType: "initial", nodes: [node], segments: [{ nodes: ["a"], fusedUs }], fusedUs }];
}

const versions: readonly Iteration[] = [
  { iteration: 0, changeType: "initial", nodes: [{ id: "a", op: "scan", signature: "new", parents: [] }] },
];
const full = { computeUs: 100, sizeBytes: 1700, loadUs: 50, loadHotUs: 20, writeUs: 30, memoryBytes: 4000 };

describe("costs from recordings", () => {
  test("of the same versions keep signatures and take every number", () => {
    const [line] = costsOfSame(versions, recorded(full, 90));
    expect(line).toMatchObject({ fusedUs: 90, segments: [{ nodes: ["a"], fusedUs: 90 }] });
    expect(line?.nodes[0]).toEqual({ ...versions[0]?.nodes[0], ...full });
  });

  test("of fewer rows go on along the line through both scales, and do not fall", () => {
    const few = recorded({ ...full, computeUs: 100, loadUs: 5 }, 190);
    const fewer = recorded({ ...full, computeUs: 10, loadUs: 10 }, 100);
    const [line] = costsOfLarger(versions, 100, { few, fewScale: 10, fewer, fewerScale: 1 });
    // 90 rows cost 90 more than 9 do: 100 + 10 · 90; loads seem to fall, so they stay.
    expect(line?.nodes[0]).toMatchObject({ computeUs: 1000, loadUs: 5, sizeBytes: 1700 });
    expect(line?.fusedUs).toBe(1090);
  });

  test("of another workflow are refused", () => {
    expect(() => costsOfSame(versions, [])).toThrow(/iteration 0 of the recording is not iteration 0/u);
    expect(() => costsOfSame(versions, [{ ...recorded(full, 1)[0]!, nodes: [] }])).toThrow(/is not iteration 0/u);
    const other = recorded({ ...full, id: "b" }, 1);
    expect(() => costsOfSame(versions, other)).toThrow(/node "a" was not recorded/u);
  });
});

describe("loads", () => {
  const own = recorded(full, 90);
  const loadOf = (lines: readonly TraceIteration[]): number | undefined => lines[0]?.nodes[0]?.loadUs;

  test("from the page cache are those measured the second time, or the only ones", () => {
    expect(loadOf(withHotLoads(own))).toBe(20);
    const { loadHotUs: _, ...only } = full;
    expect(loadOf(withHotLoads(recorded(only, 90)))).toBe(50);
  });

  test("of a modelled device are priced by bytes, and never below the engine's own work", () => {
    const load = { baseUs: 10, usPerByte: 0.01, usPerMemoryByte: 0.001 };
    expect(loadOf(withModelledLoads(own, load))).toBe(31);
    expect(loadOf(withModelledLoads(own, { baseUs: 1, usPerByte: 0, usPerMemoryByte: 0 }))).toBe(20);
  });

  test("of a slow device take their bytes' time, writes too", () => {
    const [line] = withLeastTransfers(own, (bytes) => bytes / 50);
    expect(line?.nodes[0]).toMatchObject({ loadUs: 34, writeUs: 34 });
    expect(withLeastTransfers(own, () => 0)[0]?.nodes[0]).toMatchObject({ loadUs: 20, writeUs: 30 });
  });
});
