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
});
