import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { IterationNode } from "../../src/core/iteration.ts";
import { signaturesOf } from "../../src/core/signature.ts";
import { mergeEqual, sliceNodes, sliceVersion } from "../../src/core/slice.ts";
import type { WorkflowVersion } from "../../src/core/workflow.ts";
import { anyVersion, step, version } from "./workflow-versions.ts";

function iterationNodes({ nodes, outputs }: WorkflowVersion): IterationNode[] {
  const signatures = signaturesOf({ nodes, outputs });
  return nodes.map(({ name, parents }) => ({
    id: name,
    op: "bucketise",
    signature: signatures.get(name) ?? "",
    parents,
    ...(outputs.includes(name) ? { output: true } : {}),
  }));
}

/** True if `from` reaches an output downwards; recursive on purpose, unlike the code under test. */
function leadsToOutput(v: WorkflowVersion, from: string): boolean {
  return (
    v.outputs.includes(from) || v.nodes.some(({ name, parents }) => parents.includes(from) && leadsToOutput(v, name))
  );
}

describe("slicing", () => {
  test("keeps exactly the nodes that lead to an output, in order", () => {
    fc.assert(
      fc.property(anyVersion, (v) => {
        const expected = v.nodes.map(({ name }) => name).filter((name) => leadsToOutput(v, name));
        expect(sliceVersion(v).nodes.map(({ name }) => name)).toEqual(expected);
        expect(sliceNodes(iterationNodes(v)).map(({ id }) => id)).toEqual(expected);
      }),
    );
  });

  test("without a declared output every node stays: the sinks are the outputs", () => {
    const v = version(["b"], step("a", 1), step("b", 2, "a"), step("c", 3, "a"));
    const nodes = iterationNodes({ ...v, outputs: [] });
    expect(sliceNodes(nodes)).toEqual(nodes);
  });
});

describe("merging equal nodes", () => {
  test("leaves one node per signature, and children read the first one listed", () => {
    fc.assert(
      fc.property(anyVersion, (v) => {
        const nodes = iterationNodes(v);
        const merged = mergeEqual(nodes);
        expect(merged.map(({ signature }) => signature)).toEqual([...new Set(nodes.map(({ signature }) => signature))]);
        const signatureOf = new Map(nodes.map(({ id, signature }) => [id, signature]));
        const ids = new Set(merged.map(({ id }) => id));
        for (const { id, parents } of merged) {
          const original = nodes.find((node) => node.id === id)?.parents ?? [];
          expect(parents.every((parent) => ids.has(parent))).toBe(true);
          expect(new Set(parents.map((parent) => signatureOf.get(parent)))).toEqual(
            new Set(original.map((parent) => signatureOf.get(parent))),
          );
        }
        const outputs = (list: readonly IterationNode[]): Set<string> =>
          new Set(list.filter(({ output }) => output).map(({ signature }) => signature));
        expect(outputs(merged)).toEqual(outputs(nodes));
      }),
    );
  });

  test("two random results are two results, and so is what follows from them", () => {
    const node = (id: string, signature: string, parents: string[], deterministic?: false): IterationNode => ({
      id,
      op: "x",
      signature,
      parents,
      ...(deterministic === false ? { deterministic } : {}),
    });
    const nodes = [node("a", "r", [], false), node("b", "r", [], false), node("c", "s", ["a"]), node("d", "s", ["a"])];
    expect(mergeEqual(nodes).map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
  });
});
