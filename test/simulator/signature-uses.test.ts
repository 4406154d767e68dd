import { expect, test } from "vitest";
import { defaultSystems } from "../../src/baselines/index.ts";
import { Catalog } from "../../src/simulator/catalog.ts";
import { SignatureNumbers } from "../../src/simulator/signature-numbers.ts";
import { SignatureUses } from "../../src/simulator/signature-uses.ts";
import { simulateCell } from "../../src/simulator/simulate.ts";
import { surveyTrace } from "../../src/simulator/trace-facts.ts";
import { FingerprintTable } from "../../src/traces/format/fingerprint-table.ts";
import { randomTrace } from "../support/random-traces.ts";

test("a run that forgets what never comes again has the same rows (every system, 25 random traces, four budgets)", async () => {
  let forgotten = 0;
  for (let seed = 1; seed <= 25; seed++) {
    const iterations = randomTrace(seed, { iterations: 6, nodes: 7, noise: true, segments: seed % 2 === 0 });
    const trace = { name: "t", iterations, facts: surveyTrace(iterations) };
    const uses = SignatureUses.of(iterations);
    for (const system of defaultSystems)
      for (const percent of [5, 30, 80, undefined]) {
        const budget = percent === undefined ? ({ kind: "none" } as const) : ({ kind: "share", percent } as const);
        const wanted = await simulateCell({ trace, system, budget });
        const got = await simulateCell({ trace: { ...trace, uses }, system, budget });
        expect(got).toEqual(wanted);
        forgotten += wanted.rows.length;
      }
  }
  expect(forgotten).toBeGreaterThan(5_000);
});

test("uses tell single signatures and last iterations, and what is too late to tell", () => {
  const uses = new SignatureUses();
  uses.repeat("a", 3);
  uses.repeat("a", 9);
  uses.repeat("late", 70_000);
  expect(["a", "b", "late"].map((signature) => uses.isSingle(signature))).toEqual([false, true, false]);
  expect([8, 9, 10].map((iteration) => uses.isLast("a", iteration))).toEqual([false, true, true]);
  expect(uses.isLast("b", 0)).toBe(true);
  expect(uses.isLast("late", 80_000)).toBe(false);
});

test("a forgotten result takes room as before and is found no more", () => {
  const uses = new SignatureUses();
  uses.repeat("again", 1);
  const numbers = new SignatureNumbers(undefined, uses);
  const catalog = new Catalog(numbers);
  const rest = { outside: false, writtenAt: 0, vertex: -1, computeUs: 1, loadUs: 1, loadedAt: -1, loads: 0 };
  for (const [key, bytes] of [
    ["once", 5],
    ["again", 7],
  ] as const)
    catalog.add({ signature: numbers.number(key), key, bytes, ...rest });
  const once = catalog.find("once")!;
  expect([once.bytes, catalog.find("again")?.bytes, catalog.usedBytes]).toEqual([5, 7, 12]);
  catalog.forget(once);
  expect([catalog.find("once"), catalog.has(once.signature), catalog.usedBytes, catalog.size]).toEqual([
    undefined,
    false,
    12,
    1,
  ]);
  expect(numbers.number("once")).not.toBe(once.signature);
});

test("a fingerprint table changes the tag of a key, and knows which it has (50,000 keys)", () => {
  const table = new FingerprintTable();
  const low = (i: number): number => Math.imul(i, 2_654_435_761) >>> 0;
  const high = (i: number): number => Math.imul(i + 7, 0x27d4eb2f) >>> 0;
  for (let i = 0; i < 50_000; i += 2) table.set(low(i), high(i), i & 0xffff);
  for (let i = 0; i < 50_000; i += 4) table.set(low(i), high(i), (i + 1) & 0xffff);
  let wrong = 0;
  for (let i = 0; i < 50_000; i++) {
    const wanted = i % 4 === 0 ? (i + 1) & 0xffff : i % 2 === 0 ? i & 0xffff : -1;
    if (table.get(low(i), high(i)) !== wanted) wrong++;
  }
  expect([wrong, table.size]).toEqual([0, 25_000]);
});
