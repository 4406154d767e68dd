import { describe, expect, it } from "vitest";
import type { LearnOp } from "../../../src/core/operators.ts";
import { isForMllib, treesAskedBy } from "../../../src/executors/spark/learn-trees.ts";

const forest: LearnOp = { op: "learn", model: "random-forest" };
const boosted: LearnOp = { op: "learn", model: "gradient-boosting" };

describe("what MLlib is asked for trees", () => {
  it("is the workflow's parameters, or their usual values", () => {
    expect(treesAskedBy(forest, 9)).toEqual({
      trees: 100,
      depth: 16,
      bins: 255,
      leafRows: 1,
      featuresPerSplit: 3,
      seed: 1,
    });
    expect(treesAskedBy(boosted, 9)).toEqual({
      trees: 100,
      depth: 5,
      bins: 255,
      leafRows: 20,
      featuresPerSplit: 9,
      seed: 1,
      boosting: { learningRate: 0.1, rowShare: 1 },
    });
    const all = { trees: 7, maxDepth: 4, minLeafRows: 3, maxBins: 63, seed: 5 };
    const asked = { trees: 7, depth: 4, leafRows: 3, bins: 63, seed: 5 };
    expect(treesAskedBy({ ...forest, ...all, featuresPerSplit: 40 }, 9)).toEqual({ ...asked, featuresPerSplit: 9 });
    expect(treesAskedBy({ ...boosted, ...all, featureShare: 0.3, rowShare: 0.8, learningRate: 0.2 }, 9)).toEqual({
      ...asked,
      featuresPerSplit: 3,
      boosting: { learningRate: 0.2, rowShare: 0.8 },
    });
  });

  it.each([
    [2, 1],
    [3, 2],
    [4, 2],
    [31, 5],
    [32, 5],
    [33, 6],
    [65_536, 16],
  ])("has room for %d leaves at depth %d", (maxLeaves, depth) => {
    expect(treesAskedBy({ ...boosted, maxLeaves }, 1).depth).toBe(depth);
    expect(treesAskedBy({ ...forest, maxLeaves, maxDepth: 2 }, 1).depth).toBe(Math.min(2, depth));
  });

  it("is nothing where MLlib cannot, and no parameter out of its range", () => {
    expect([forest, boosted, { ...forest, l2: 1 }].map(isForMllib)).toEqual([true, true, true]);
    expect([{ l2: 0.1 }, { patience: 1 }].map((more) => isForMllib({ ...boosted, ...more }))).toEqual([false, false]);
    expect(isForMllib({ op: "learn", model: "chain-crf" })).toBe(false);
    expect(() => treesAskedBy({ ...forest, trees: 1.5 }, 2)).toThrow(/parameter "trees" is 1.5/u);
    expect(() => isForMllib({ ...boosted, patience: -1 })).toThrow(/parameter "patience" is -1/u);
  });
});
