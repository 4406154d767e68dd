import { describe, expect, it } from "vitest";
import type { Iteration, IterationNode } from "../../../src/core/iteration.ts";
import type { ReduceOp } from "../../../src/core/operators.ts";
import { modelQuality } from "../../../src/core/quality.ts";
import { versionMetrics, withoutId } from "../../../src/harness/recording/metrics.ts";

const reduce = (metric: ReduceOp["metric"], split: "train" | "test" = "test"): ReduceOp => ({
  op: "reduce",
  metric,
  split,
});
const node = (id: string, parents: readonly string[], extra: Partial<IterationNode> = {}): IterationNode => ({
  id,
  op: id,
  signature: `s-${id}`,
  parents,
  ...extra,
});
const version = (...nodes: IterationNode[]): Iteration => ({ iteration: 0, changeType: "initial", nodes });

describe("metric names", () => {
  it("follow the node a version has, whichever version computed the result", () => {
    const samples = new Map([["s-checked", { metrics: withoutId({ "checked.accuracy": 0.85, other: 1 }, "checked") }]]);
    const renamed = version(
      node("score", [], { signature: "s-checked" }),
      node("again", [], { signature: "s-checked" }),
    );
    expect(versionMetrics(renamed, samples)).toEqual({ "score.accuracy": 0.85, other: 1 });
  });
});

describe("a model's quality", () => {
  const learn = node("learn", []);
  const elsewhere = node("elsewhere", []);
  it("is the accuracy, F1 or AUC on the test split that follows from it, in this order", () => {
    const all = version(
      learn,
      elsewhere,
      node("t", ["learn"], { operator: reduce("accuracy", "train") }),
      node("o", ["elsewhere"], { operator: reduce("accuracy") }),
      node("p", ["learn"]),
      node("u", ["p"], { operator: reduce("auc") }),
      node("f", ["p"], { operator: reduce("precision-recall-f1") }),
      node("a", ["p"], { operator: reduce("accuracy") }),
    );
    const metrics = {
      "t.accuracy": 0.99,
      "o.accuracy": 0.98,
      "u.auc": 0.9,
      "f.f1": 0.7,
      "f.recall": 0.6,
      "a.accuracy": 0.8,
    };
    expect(modelQuality(all, "learn", metrics)).toBe(0.8);
    const { "a.accuracy": _, ...withoutAccuracy } = metrics;
    expect(modelQuality(all, "learn", withoutAccuracy)).toBe(0.7);
    expect(modelQuality(all, "learn", { "u.auc": 0.9 })).toBe(0.9);
    expect(modelQuality(all, "elsewhere", metrics)).toBe(0.98);
  });

  it("of several candidates is not that of the best one, which has it", () => {
    const best = { ...node("best", ["learn", "elsewhere"]), op: "select" };
    const all = version(learn, elsewhere, best, node("u", ["best"], { operator: reduce("auc") }));
    expect(["learn", "elsewhere", "best"].map((id) => modelQuality(all, id, { "u.auc": 0.9 }))).toEqual([
      undefined,
      undefined,
      0.9,
    ]);
  });

  it("is unknown without such a metric or outside [0, 1]", () => {
    const one = version(learn, node("a", ["learn"], { operator: reduce("log-loss") }));
    expect(modelQuality(one, "learn", { "a.logLoss": 0.3 })).toBeUndefined();
    expect(modelQuality(one, "learn", { "a.accuracy": 3 })).toBeUndefined();
  });
});
