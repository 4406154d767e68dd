import { DirectedGraph } from "graphology";
import { describe, expect, test } from "vitest";
import type { SourceOp } from "../../src/core/operators.ts";
import { signaturesOf } from "../../src/core/signature.ts";
import { mergeEqual, sliceVersion } from "../../src/core/slice.ts";
import type { WorkflowVersion } from "../../src/core/workflow.ts";
import { editVersion, workflow, type WorkflowBuilder } from "../../src/workloads/dsl.ts";
import { flattenEdits } from "../../src/workloads/edits.ts";
import { fromGraph, toGraph } from "../../src/workloads/graph.ts";

const source: SourceOp = { op: "source", dataset: "d", fingerprint: "f", files: [] };
const columns = [
  { name: "age", type: "integer" },
  { name: "edu", type: "text" },
  { name: "label", type: "text" },
] as const;

/** data ─► rows ─► {age ─► bucket, edu} ─► examples ─► model ─► predictions ─► checked */
function declare(w: WorkflowBuilder): void {
  const rows = w.scan("rows", w.source("data", source), { format: "csv", columns });
  const label = w.field("label", rows, "label", "categorical");
  const bucket = w.bucketise("bucket", w.field("age", rows, "age", "numeric"), [30, 50]);
  const edu = w.field("edu", rows, "edu", "categorical");
  const examples = w.assemble("examples", rows, [bucket, edu], { label, positive: "yes" });
  const model = w.learner("model", examples, { model: "logistic-regression", l2: 0.1 });
  const predictions = w.predictions("predictions", model, examples);
  w.output(w.reducer("checked", predictions, { metric: "accuracy", split: "test" }));
}
const base = workflow(declare);

function changedSignatures(after: WorkflowVersion): string[] {
  const old = signaturesOf(base);
  return [...signaturesOf(after)].filter(([name, signature]) => old.get(name) !== signature).map(([name]) => name);
}

describe("change tracking through the DSL", () => {
  test("a rename recomputes nothing", () => {
    const after = editVersion(base, (w) => w.rename("bucket", "ageBucket"));
    expect(changedSignatures(after)).toEqual(["ageBucket"]); // a new name …
    expect(new Set(signaturesOf(after).values())).toEqual(new Set(signaturesOf(base).values())); // … no new signature
    expect(after.nodes.find(({ name }) => name === "examples")?.parents).toContain("ageBucket");
  });

  test("a changed parameter invalidates what is downstream, and nothing else", () => {
    const after = editVersion(base, (w) => w.set("bucket", "bucketise", { edges: [40] }));
    expect(changedSignatures(after)).toEqual(["bucket", "examples", "model", "predictions", "checked"]);
  });

  test("equal extractors merge, whatever they are called", () => {
    const after = editVersion(base, (w) => {
      const again = w.field("years", w.get("rows", "relation"), "age", "numeric");
      const other = w.expression("logAge", again, "log1p");
      w.rewire("examples", [...w.parentsOf("examples"), other.name]);
    });
    const [initial] = flattenEdits({ first: after, runs: [] });
    const merged = mergeEqual(initial?.nodes ?? []);
    expect(merged.map(({ id }) => id)).not.toContain("years");
    expect(merged.find(({ id }) => id === "logAge")?.parents).toEqual(["age"]);
  });

  test("the order of features is part of the examples", () => {
    const after = editVersion(base, (w) => {
      const [rows = "", label = "", ...features] = w.parentsOf("examples");
      w.rewire("examples", [rows, label, ...features.reverse()]);
    });
    expect(changedSignatures(after)).toEqual(["examples", "model", "predictions", "checked"]);
  });

  test("an extractor nobody reads is sliced away", () => {
    const after = editVersion(base, (w) => w.rewire("examples", ["rows", "label", "bucket"]));
    expect(after.nodes.map(({ name }) => name)).toContain("edu");
    expect(sliceVersion(after).nodes.map(({ name }) => name)).not.toContain("edu");
  });

  test("an edit leaves the version it starts from as it is", () => {
    const before = JSON.stringify(base);
    editVersion(base, (w) => {
      w.set("model", "learn", { l2: 5 });
      w.rename("edu", "education");
    });
    expect(JSON.stringify(base)).toBe(before);
  });

  test("setting a parameter to undefined removes it, and setting it back gives the version it was", () => {
    const without = editVersion(base, (w) => w.set("model", "learn", { l2: undefined }));
    expect(without.nodes.find(({ name }) => name === "model")?.operator).toEqual({
      op: "learn",
      model: "logistic-regression",
    });
    expect(changedSignatures(editVersion(without, (w) => w.set("model", "learn", { l2: 0.1 })))).toEqual([]);
  });
});

describe("the DSL refuses", () => {
  const edited =
    (change: (w: WorkflowBuilder) => void): (() => WorkflowVersion) =>
    () =>
      editVersion(base, change);
  test.each<[string, () => WorkflowVersion, string]>([
    ["a second node of one name", edited((w) => void w.source("data", source)), 'two nodes are named "data"'],
    ["removing a node that is read", edited((w) => w.remove("edu")), '"examples" reads "edu", which does not exist'],
    ["a cycle", edited((w) => w.rewire("bucket", ["checked"])), "cycle"],
    ["no output", edited((w) => w.remove("checked")), "declares no output"],
    [
      "a parent of the wrong kind",
      edited((w) => w.rewire("bucket", ["edu"])),
      'reads "edu", which yields categorical; expected numeric',
    ],
    ["too few parents", edited((w) => w.rewire("examples", ["rows", "label"])), "has 2 parents; expected at least 3"],
    ["too many parents", edited((w) => w.rewire("model", ["examples", "edu"])), "has 2 parents; expected at most 1"],
    ["edges out of order", edited((w) => w.set("bucket", "bucketise", { edges: [5, 5] })), "strictly ascending"],
    ["parameters that are no numbers", edited((w) => w.set("model", "learn", { l2: Number.NaN })), "$.l2: is NaN"],
    ["an unknown node", edited((w) => w.remove("nope")), 'there is no node "nope"; expected one of data, rows'],
    ["the wrong operator", edited((w) => w.set("edu", "learn", {})), 'node "edu" is a field; expected a learn'],
    ["a taken name", edited((w) => w.rename("edu", "age")), "that name is taken"],
    [
      "a label that is also a feature",
      edited((w) => w.rewire("examples", ["rows", "label", "label"])),
      "lists a parent twice",
    ],
    [
      "SQL that names a parent there is not",
      edited((w) => void w.sqlUdf("s", [w.get("edu", "categorical")], "$1 || $2", { name: "s", type: "text" })),
      "names $2 but has 1 parents",
    ],
  ])("%s", (_what, act, message) => {
    expect(act).toThrow(message);
  });

  test("wiring that does not fit is a type error as well", () => {
    expect(() =>
      workflow((w) => {
        const rows = w.scan("rows", w.source("data", source), { format: "csv", columns });
        // @ts-expect-error a categorical feature cannot be bucketised
        w.bucketise("b", w.field("edu", rows, "edu", "categorical"), [1]);
      }),
    ).toThrow("yields categorical; expected numeric");
  });
});

describe("a tree of edits", () => {
  const more = {
    label: "more",
    changeType: "li",
    apply: (v: WorkflowVersion) => editVersion(v, (w) => w.set("model", "learn", { l2: 1 })),
  } as const;

  test("going back to a version gives it again, with that run as base and the phase that changes as type", () => {
    const coarse = {
      label: "coarse",
      changeType: "dpr",
      apply: (v: WorkflowVersion) => editVersion(v, (w) => w.set("bucket", "bucketise", { edges: [40] })),
    } as const;
    const runs = flattenEdits({
      first: base,
      runs: [{ edit: coarse }, { edit: more }, { again: 1 }, { again: 0 }, { edit: more, base: 1 }],
    });
    expect(runs.map(({ changeType, base: from }) => [changeType, from])).toEqual([
      ["initial", undefined],
      ["dpr", 0],
      ["li", 1],
      ["li", 1], // from coarse + more back to coarse: the model changes
      ["dpr", 0],
      ["li", 1],
    ]);
    expect(runs[3]?.nodes).toEqual(runs[1]?.nodes);
    expect(runs[5]?.nodes).toEqual(runs[2]?.nodes);
  });

  test("a run cannot start from one that has not been", () => {
    expect(() => flattenEdits({ first: base, runs: [{ edit: more, base: 1 }] })).toThrow(
      "run 1 starts from run 1; expected one of 0 to 0",
    );
    expect(() => flattenEdits({ first: base, runs: [{ again: -1 }] })).toThrow("run 1 starts from run -1");
  });
});

describe("graphology at the edge", () => {
  test("a version survives the way there and back with every signature", () => {
    const back = fromGraph(toGraph(base));
    expect(signaturesOf(back)).toEqual(signaturesOf(base));
    expect(back.outputs).toEqual(base.outputs);
  });

  test("a graph with a cycle is refused", () => {
    const graph = toGraph(base);
    graph.addDirectedEdge("checked", "data", { position: 0 });
    expect(() => fromGraph(graph)).toThrow("has a cycle");
    expect(() => fromGraph(new DirectedGraph())).toThrow("declares no output");
  });
});
