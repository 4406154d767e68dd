import { describe, expect, test } from "vitest";
import type { IterationReport } from "../../src/simulator/iteration-report.ts";
import { VersionCache } from "../../src/simulator/version-cache.ts";
import { node, runPair, versions } from "../support/sequences.ts";

// b and c are one result under two names.
const first = [
  node("a", "", 100),
  node("b", "a", 50, { loadUs: 5, signature: "b" }),
  node("c", "a", 50, { loadUs: 5, signature: "b" }),
  node("d", "b c", 20),
];
const second = [...first.slice(0, 3), node("e", "b c", 30)];

describe("versions prepared once", () => {
  test.each(["max-flow+helix-online", "linear-pass+always"] as const)(
    "%s: reports are those of a run without",
    async (pair) => {
      const iterations = versions(first, second);
      const cache = new VersionCache();
      const told = async (withCache: boolean): Promise<readonly IterationReport[]> => {
        const reports: IterationReport[] = [];
        const onIteration = (report: IterationReport): void => void reports.push(report);
        await runPair(iterations, pair, {}, { onIteration, ...(withCache ? { versions: cache } : {}) });
        return reports;
      };
      const plain = await told(false);
      expect(await told(true)).toEqual(plain);
      expect(await told(true)).toEqual(plain);
      expect(plain[0]!.nodes.map(({ sameAs }) => sameAs)).toEqual([undefined, undefined, "b", undefined]);
      expect(plain[0]!.nodes[0]!.computeUs).toBe(100);
    },
  );

  test("columns are numbered once for all runs, and every run still sees ids of unequal bytes", async () => {
    const columns = (bytes: number) => [
      { id: "x", bytes },
      { id: "y", bytes: 3 },
    ];
    const withColumns = (bytes: number) =>
      versions(
        [node("a", "", 100), node("b", "a", 50, { sizeBytes: 10, columns: columns(4) }), node("o", "b", 5)],
        [node("a", "", 100), node("b", "a", 50, { sizeBytes: 10, columns: columns(4) }), node("p", "b", 5)],
        [node("a", "", 100), node("c", "a", 50, { sizeBytes: 10, columns: columns(bytes) }), node("q", "c", 5)],
      );
    for (const bytes of [4, 5]) {
      const iterations = withColumns(bytes);
      const cache = new VersionCache(iterations);
      const plain = await runPair(iterations, "max-flow+collab-storage-aware");
      for (let run = 0; run < 2; run++)
        expect(await runPair(iterations, "max-flow+collab-storage-aware", {}, { versions: cache })).toEqual(plain);
      expect(cache.columns === undefined).toBe(bytes !== 4);
      expect(plain.rows).toHaveLength(bytes === 4 ? 3 : 2);
      expect(plain.failure?.message).toEqual(bytes === 4 ? undefined : expect.stringContaining("column x has 5 bytes"));
    }
  });
});
