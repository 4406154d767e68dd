import { expect, test } from "vitest";
import { CountColumn, WordColumn } from "../../src/simulator/columns.ts";
import { Observations } from "../../src/simulator/observations.ts";
import { TextIndex } from "../../src/simulator/text-index.ts";

test("texts get numbers in order of first appearance, also across splitting and growing (200,000 texts)", () => {
  const index = new TextIndex();
  const text = (i: number): string => `${(i * 2_654_435_761) >>> 0}/node-${i}`;
  let wrong = 0;
  for (let i = 0; i < 200_000; i++) {
    if (index.intern(text(i)) !== i) wrong++;
    if (i % 7 === 0 && index.intern(text(i >> 1)) !== i >> 1) wrong++;
  }
  for (let i = 0; i < 200_000; i += 13) if (index.indexOf(text(i)) !== i) wrong++;
  expect(wrong).toBe(0);
  expect(index.size).toBe(200_000);
  expect(index.indexOf("never seen")).toBe(-1);
  expect(index.indexOf("__proto__")).toBe(-1);
  expect(index.intern("")).toBe(200_000);
});

test("texts that differ in one character, in order or in length are told apart (all 3-letter texts over 40 letters)", () => {
  const index = new TextIndex();
  const letters = Array.from({ length: 40 }, (_, i) => String.fromCharCode(i < 20 ? i : 0x4e00 + i));
  let count = 0;
  for (const a of ["", ...letters])
    for (const b of ["", ...letters])
      for (const c of letters) {
        const before = index.size;
        index.intern(`${a}|${b}|${c}`);
        if (index.size > before) count++;
      }
  expect(count).toBe(41 * 41 * 40);
});

test("columns hold what was written and nothing else", () => {
  const counts = new CountColumn();
  const wordColumn = new WordColumn();
  const values = new Map([
    [0, 0],
    [31, 7],
    [32, 4_294_967_294],
    [4_095, 4_294_967_295],
    [4_096, Number.MAX_SAFE_INTEGER],
    [1_000_000, 5],
  ]);
  for (const [index, value] of values) counts.set(index, value);
  for (const [index, value] of values) expect(counts.get(index)).toBe(value);
  for (const index of [1, 33, 5_000, 999_999, 2_000_000]) expect(counts.get(index)).toBe(-1);
  counts.set(4_096, 3);
  expect(counts.get(4_096)).toBe(3);
  expect(wordColumn.get(77)).toBe(0);
});

test("what is known of a cost: the last observation, the rounded mean, or the line", () => {
  const known = (mode: "last" | "mean" | "current"): (number | undefined)[] => {
    const observations = new Observations(mode);
    const seen: (number | undefined)[] = [observations.computeUs(3, undefined), observations.computeUs(3, 100)];
    for (const us of [10, 21]) observations.observeCompute(3, us);
    observations.observeLoad(3, 5);
    return [...seen, observations.computeUs(3, 100), observations.computeUs(3, undefined), observations.loadUs(3, 9)];
  };
  expect(known("last")).toEqual([undefined, 100, 21, 21, 5]);
  expect(known("mean")).toEqual([undefined, 100, 16, 16, 5]);
  expect(known("current")).toEqual([undefined, 100, 100, 21, 9]);
});
