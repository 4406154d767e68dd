import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TraceIteration } from "../../src/core/iteration.ts";
import type { IterationReport } from "../../src/simulator/iteration-report.ts";
import { node, runPair, versions } from "../support/sequences.ts";

const cols = (...ids: string[]): { columns: { id: string; bytes: number }[]; sizeBytes: number } => ({
  columns: ids.map((id) => ({ id, bytes: 10 })),
  sizeBytes: 10 * ids.length,
});

//  s → f (c1 c2 c3) → g (c1 c2 c3 d) → h (c1 c2)
const frames = [
  node("s", "", 1_000),
  node("f", "s", 100, { ...cols("c1", "c2", "c3"), loadUs: 4, writeUs: 30 }),
  node("g", "f", 100, { ...cols("c1", "c2", "c3", "d"), loadUs: 4, writeUs: 40 }),
  node("h", "g", 100, { ...cols("c1", "c2"), loadUs: 4, writeUs: 20 }),
];

describe("columns stored once", () => {
  test("90 bytes of results take 40, and only new columns are written", async () => {
    const { rows } = await runPair(versions(frames), "linear-pass+collab-storage-aware", {}, { budgetBytes: 40 });
    expect(rows[0]).toMatchObject({
      storedBytes: 40,
      evictedBytes: 0,
      writeUs: 30 + 10 + 0,
      peakBytes: 1 + 30 + 40 + 20,
    });
    const plain = await runPair(versions(frames), "linear-pass+collab-utility", {}, { budgetBytes: 40 });
    expect(plain.rows[0]!.storedBytes).toBeLessThanOrEqual(40);
    expect(plain.rows[0]!.writeUs).toBe(20); // h: of equal recreation the fewest bytes
  });

  test("evicting a result frees the columns nothing else holds", async () => {
    // The second version has a result of much higher rate that needs all but 20 bytes.
    const later = [node("s", "", 1_000), node("k", "s", 90_000, { sizeBytes: 20, columns: cols("k1", "k2").columns })];
    const reports: IterationReport[] = [];
    const { rows } = await runPair(
      versions(frames, later),
      "linear-pass+collab-storage-aware",
      {},
      { budgetBytes: 40, onIteration: (report) => void reports.push(report) },
    );
    expect([...reports[1]!.stored.keys()].sort()).toEqual(["h", "k"]);
    expect(rows[1]).toMatchObject({ storedBytes: 40, evictedBytes: 20 });
  });

  test("an executor without columns stores results whole", async () => {
    const { simulatedExecutor } = await import("../../src/executors/simulated/simulated-executor.ts");
    const { capabilities, ...rest } = simulatedExecutor();
    const { storesColumns: _, ...plain } = capabilities;
    const executor = { ...rest, capabilities: plain };
    const { rows } = await runPair(
      versions(frames),
      "linear-pass+collab-storage-aware",
      {},
      { budgetBytes: 90, executor },
    );
    expect(rows[0]).toMatchObject({ storedBytes: 90, writeUs: 90 });
  });

  test("after every iteration stored bytes are those of the distinct columns, within the budget", async () => {
    const pool = ["c0", "c1", "c2", "c3", "c4", "c5"];
    const sequence = fc.array(
      fc.array(
        fc.record({
          cols: fc.subarray(pool),
          cost: fc.integer({ min: 0, max: 60 }),
          parent: fc.nat(9),
          rest: fc.nat(3),
        }),
        {
          minLength: 1,
          maxLength: 6,
        },
      ),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(
        sequence,
        fc.integer({ min: 0, max: 120 }),
        fc.boolean(),
        async (drawn, budgetBytes, codeCompat) => {
          const columnsOf = new Map<string, readonly { id: string; bytes: number }[]>();
          const restOf = new Map<string, number>();
          const iterations: TraceIteration[] = versions(
            ...drawn.map((list) => {
              const names = ["s"];
              return [
                node("s", "", 5),
                ...list.map((item, i) => {
                  const parent = names[item.parent % names.length]!;
                  const name = `${parent}/${item.cols.join("")}.${item.rest}`;
                  if (names.includes(name)) return node(`twin-${i}:${name}`, parent, item.cost, sized(item));
                  names.push(name);
                  columnsOf.set(name, sized(item).columns);
                  restOf.set(name, item.rest);
                  return node(name, parent, item.cost, sized(item));
                }),
              ];
            }),
          );
          const outcome = await runPair(
            iterations,
            "linear-pass+collab-storage-aware",
            {},
            {
              budgetBytes,
              materializerParams: { codeCompat },
              onIteration: ({ row, stored }) => {
                const distinct = new Map<string, number>();
                for (const key of stored.keys()) {
                  for (const { id, bytes } of columnsOf.get(key)!) distinct.set(id, bytes);
                  distinct.set(`rest of ${key}`, restOf.get(key)!);
                }
                expect(row.storedBytes).toBe([...distinct.values()].reduce((a, b) => a + b, 0));
                expect(row.storedBytes).toBeLessThanOrEqual(budgetBytes);
              },
            },
          );
          expect(outcome.failure).toBeUndefined();
        },
      ),
    );
  });
});

function sized(item: { readonly cols: readonly string[]; readonly rest: number }): {
  columns: { id: string; bytes: number }[];
  sizeBytes: number;
} {
  const columns = item.cols.map((id) => ({ id, bytes: 10 + Number(id.slice(1)) }));
  return { columns, sizeBytes: item.rest + columns.reduce((sum, { bytes }) => sum + bytes, 0) };
}
