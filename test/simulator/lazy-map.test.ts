import { expect, test } from "vitest";
import { LazyMap } from "../../src/simulator/lazy-map.ts";

test("is the map it makes, made once and not before it is looked at", () => {
  let made = 0;
  const entries: [string, number][] = [
    ["a", 1],
    ["b", 2],
  ];
  const map = new LazyMap(() => {
    made++;
    return new Map(entries);
  });
  expect(made).toBe(0);
  expect([map.size, map.get("b"), map.get("c"), map.has("a"), map.has("c")]).toEqual([2, 2, undefined, true, false]);
  expect([[...map], [...map.entries()], [...map.keys()], [...map.values()]]).toEqual([
    entries,
    entries,
    ["a", "b"],
    [1, 2],
  ]);
  const seen: unknown[] = [];
  map.forEach((value, key, self) => seen.push([key, value, self === map]));
  expect(seen).toEqual([
    ["a", 1, true],
    ["b", 2, true],
  ]);
  expect(made).toBe(1);
});
