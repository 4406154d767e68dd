import { expect, test } from "vitest";
import type { SourceOp } from "../../../src/core/operators.ts";
import { operatorTraits } from "../../../src/core/operators.ts";
import { isSameVersion } from "../../../src/workloads/edits.ts";
import { ieOptions } from "../../../src/workloads/ie/edits.ts";
import { drawIeSequence, ie, ieCover, ieDist } from "../../../src/workloads/ie/index.ts";
import { ieWorkflow } from "../../../src/workloads/ie/workflow.ts";

const source: SourceOp = { op: "source", dataset: "ie", fingerprint: "f", files: [] };
const data = { sources: { ie: source } };
const params = { model: "chain-perceptron", testFold: 0 } as const;

test("the script is a first version and six pre-processing edits, each with signatures of its own, after which learning differs", () => {
  const versions = ie.versions(data, 1, params);
  expect(versions.map(({ changeType }) => changeType)).toEqual(["initial", ...Array<string>(6).fill("dpr")]);
  const models = versions.map(({ nodes }) => nodes.find(({ id }) => id === "tagger")?.signature);
  expect(new Set(models).size).toBe(7);
  expect(ie.requires).toEqual(["structured-prediction"]);
});

test("each edit of the script leaves tokens and the features made before as they were", () => {
  const versions = ie.versions(data, 1, params);
  for (const [i, version] of versions.entries()) {
    const earlier = new Map(versions[i - 1]?.nodes.map(({ id, signature }) => [id, signature]));
    const features = version.nodes.filter(
      ({ operator }) => operator !== undefined && operatorTraits[operator.op].rowAligned,
    );
    for (const { id, signature } of features)
      if (id !== "examples" && earlier.has(id)) expect(earlier.get(id)).toBe(signature);
    if (i > 0) expect(version.nodes.length).toBeGreaterThan(versions[i - 1]?.nodes.length ?? 0);
  }
});

test("every variant of every edit can be undone: the option's first variant gives the first version back", () => {
  const first = ieWorkflow(source);
  const wrong: string[] = [];
  for (const { id, variants } of ieOptions) {
    const [original, ...others] = variants;
    if (original === undefined || others.length === 0) throw new Error(`option ${id} has fewer than two variants`);
    if (!isSameVersion(first, original.apply(first))) wrong.push(`${id}: ${original.id} is not the first version's`);
    for (const other of others) {
      const edited = other.apply(first);
      if (isSameVersion(first, edited)) wrong.push(`${id}: ${other.id} changes nothing`);
      if (!isSameVersion(first, original.apply(edited))) wrong.push(`${id}: ${other.id} leaves something behind`);
    }
  }
  expect(wrong).toEqual([]);
});

test("any two edits made and undone, in either order, leave nothing behind", () => {
  const first = ieWorkflow(source);
  const wrong: string[] = [];
  for (const a of ieOptions)
    for (const b of ieOptions) {
      if (a === b) continue;
      const both = b.variants.at(-1)?.apply(a.variants.at(-1)?.apply(first) ?? first) ?? first;
      const back = b.variants[0]?.apply(a.variants[0]?.apply(both) ?? both) ?? both;
      if (!isSameVersion(first, back)) wrong.push(`${a.id}, ${b.id}`);
    }
  expect(wrong).toEqual([]);
});

test("the cover has every variant that changes something; drawn sequences are pre-processing only and follow the seed", () => {
  const labels = ieCover.versions(data, 1, {}).flatMap(({ label = "" }) => label.split(", "));
  for (const { id, variants } of ieOptions)
    for (const { id: variant } of variants.slice(1)) expect(labels).toContain(`${id}: ${variant}`);
  const drawn = ieDist.versions(data, 5, { ...params, iterations: 7, goBack: 0 });
  expect(drawn).toHaveLength(7);
  expect(drawn.slice(1).every(({ changeType }) => changeType === "dpr")).toBe(true);
  expect(drawIeSequence(5, { iterations: 7 })).toEqual(drawIeSequence(5, { iterations: 7 }));
  expect(drawIeSequence(6, { iterations: 7 })).not.toEqual(drawIeSequence(5, { iterations: 7 }));
});
