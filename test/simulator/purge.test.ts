import { expect, test } from "vitest";
import type { TraceIteration } from "../../src/core/iteration.ts";
import type { Purge } from "../../src/core/system.ts";
import type { IterationReport } from "../../src/simulator/iteration-report.ts";
import { SignatureNumbers } from "../../src/simulator/signature-numbers.ts";
import { Purger } from "../../src/simulator/purge.ts";
import { Catalog } from "../../src/simulator/catalog.ts";
import { node, runPair, versions } from "../support/sequences.ts";

async function storedAfterEach(iterations: readonly TraceIteration[], purge: Purge): Promise<readonly string[]> {
  const stored: string[] = [];
  const outcome = await runPair(
    iterations,
    "max-flow+always",
    { purge },
    {
      onIteration: (report: IterationReport) => void stored.push([...report.stored.keys()].sort().join(" ")),
    },
  );
  expect(outcome.failure).toBeUndefined();
  return stored;
}

// source → a → b, where a is edited twice and then taken back to its first form.
const edits = (base?: number): TraceIteration[] => {
  const list = versions(
    [node("s", "", 50), node("a:a1", "s", 50), node("b:b1", "a", 50)],
    [node("s", "", 50), node("a:a2", "s", 50), node("b:b2", "a", 50)],
    [node("s", "", 50), node("a:a3", "s", 50), node("b:b3", "a", 50)],
    [node("s", "", 50), node("a:a1", "s", 50), node("b:b1", "a", 50)],
  );
  return base === undefined ? list : list.map((it) => (it.iteration === 2 ? { ...it, base } : it));
};

test("without a purge every signature ever stored stays", async () => {
  expect(await storedAfterEach(edits(), "none")).toEqual([
    "a1 b1",
    "a1 a2 b1 b2",
    "a1 a2 a3 b1 b2 b3",
    "a1 a2 a3 b1 b2 b3",
  ]);
});

test("`original` deletes what the version was edited from had under the same ids", async () => {
  expect(await storedAfterEach(edits(), "original")).toEqual(["a1 b1", "a2 b2", "a3 b3", "a1 b1"]);
});

test("`original` on a branch deletes the base's results, older and sibling ones stay", async () => {
  // Version 2 was edited from version 0: a1 and b1 are gone already, a2 and b2 of the sibling stay.
  expect(await storedAfterEach(edits(0), "original")).toEqual(["a1 b1", "a2 b2", "a2 a3 b2 b3", "a1 a2 b1 b2"]);
});

test("`absent` deletes every signature that the current version does not have", async () => {
  expect(await storedAfterEach(edits(0), "absent")).toEqual(["a1 b1", "a2 b2", "a3 b3", "a1 b1"]);
});

test("a result that the version has under another id is not deleted, nor one of a node that left", async () => {
  const list = versions(
    [node("s", "", 50), node("a:a1", "s", 50), node("b:b1", "a", 50), node("c:c1", "s", 50)],
    // a is edited, x is what a was; c is gone.
    [node("s", "", 50), node("a:a2", "s", 50), node("x:a1", "s", 50), node("b:b1", "x", 50)],
  );
  expect(await storedAfterEach(list, "original")).toEqual(["a1 b1 c1", "a1 a2 b1 c1"]);
  expect(await storedAfterEach(list, "absent")).toEqual(["a1 b1 c1", "a1 a2 b1"]);
});

test("sliced nodes purge too, before slicing; their bytes count as evicted", async () => {
  const list = versions(
    [node("s", "", 50), node("a:a1", "s", 50, { sizeBytes: 7 }), node("b:b1", "a", 50, { output: true })],
    [node("s", "", 50), node("a:a2", "s", 50), node("b:b2", "s", 50, { output: true })],
  );
  const outcome = await runPair(list, "max-flow+always", { purge: "original" });
  expect(outcome.rows.map(({ evictedBytes, storedBytes }) => [evictedBytes, storedBytes])).toEqual([
    [0, 8],
    [8, 1],
  ]);
});

test.each(["packed", "held elsewhere"])(
  "bases are remembered exactly over hundreds of versions with few changes each, %s",
  (how) => {
    const purger = new Purger("original");
    const catalog = new Catalog(new SignatureNumbers());
    const add = (signature: number): void =>
      catalog.add({
        signature,
        key: `${signature}`,
        bytes: 1,
        outside: false,
        writtenAt: 0,
        vertex: -1,
        computeUs: 0,
        loadUs: 0,
        loadedAt: -1,
        loads: 0,
      });
    const ids = Array.from({ length: 50 }, (_, i) => node(`n${i}`, "", 1));
    const idNumbers = Int32Array.from(ids, (_, i) => i);
    const history: Int32Array[] = [];
    for (let t = 0; t < 300; t++) {
      const signatures = history.length === 0 ? Int32Array.from(ids, (_, i) => i) : history.at(-1)!.slice();
      if (t > 0) signatures[(t * 7) % 50] = 1_000 + t;
      if (t % 90 === 0) for (let i = 0; i < 50; i++) signatures[i] = 10_000 + 100 * t + i;
      history.push(signatures);
    }
    for (let t = 0; t < 300; t++) {
      const base = t === 0 ? -1 : (t * 13) % t;
      for (const entry of catalog.entries()) catalog.delete(entry);
      for (const signature of base < 0 ? [] : history[base]!) if (!catalog.has(signature)) add(signature);
      const held = how === "packed" ? undefined : idNumbers;
      const gone = purger
        .toDelete({ iteration: t, base, nodes: ids }, history[t]!, catalog, held)
        .map(({ signature }) => signature);
      const now = new Set(history[t]);
      expect(gone).toEqual(base < 0 ? [] : [...history[base]!].filter((s, i) => s !== history[t]![i] && !now.has(s)));
    }
  },
);

test("a version of new signatures takes some bytes, however many there are, and is remembered exactly", () => {
  const purger = new Purger("original");
  const catalog = new Catalog(new SignatureNumbers());
  const nodeCount = 2_000;
  const nodes = Array.from({ length: nodeCount }, (_, i) => node(`n${i}`, "", 1));
  const numbersOf = (version: number): Int32Array =>
    Int32Array.from({ length: nodeCount }, (_, i) => version * nodeCount + i);
  const before = process.memoryUsage().arrayBuffers;
  for (let version = 0; version < 1_000; version++)
    purger.toDelete({ iteration: version, nodes }, numbersOf(version), catalog);
  globalThis.gc?.();
  const stored = {
    key: "x",
    bytes: 1,
    outside: false,
    writtenAt: 0,
    vertex: -1,
    computeUs: 0,
    loadUs: 0,
    loadedAt: -1,
    loads: 0,
  };
  for (const signature of [5 * nodeCount, 5 * nodeCount + 1_999, 6 * nodeCount + 7])
    catalog.add({ ...stored, signature });
  const gone = purger.toDelete({ iteration: 1_000, base: 5, nodes }, numbersOf(1_000), catalog);
  expect(gone.map(({ signature }) => signature)).toEqual([5 * nodeCount, 5 * nodeCount + 1_999]);
  // Kept as they are, the signatures alone would take 8 MB; without a collection garbage hides that.
  if (globalThis.gc !== undefined) expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2_000_000);
});
