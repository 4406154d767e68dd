import { expect, test } from "vitest";
import { measuredDifference } from "../../src/harness/measured-comparison.ts";

const around = (us: number, spread: number): number[] =>
  [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((step) => us + (step * spread) / 4 + step * 0.001 * us);

test("repetitions of which each is faster than all of the others are told apart", () => {
  const { verdict, ratio, p, a } = measuredDifference(around(700, 30), around(1_000, 30));
  expect([verdict, ratio]).toEqual(["faster", 0.7]);
  // Nine against nine, all on one side: U = 81, z = 40 ÷ √128.25.
  expect(p).toBeCloseTo(0.000412, 5);
  expect(a?.lowUs).toBeLessThanOrEqual(700);
  expect(a?.highUs).toBeGreaterThanOrEqual(700);
  expect(measuredDifference(around(1_000, 30), around(700, 30)).verdict).toBe("slower");
});

test("what the test tells apart but nobody would notice is no practical difference", () => {
  const { verdict, p } = measuredDifference(around(970, 2), around(1_000, 2));
  expect(p).toBeLessThan(0.05);
  expect(verdict).toBe("no practical difference");
});

test("medians far apart within as much noise are not told apart", () => {
  const { verdict, p } = measuredDifference(around(1_100, 900), around(1_000, 900));
  expect(p).toBeGreaterThan(0.05);
  expect(verdict).toBe("not told apart");
});

test("eight repetitions are not enough, and no number is given", () => {
  expect(measuredDifference(around(1, 0).slice(1), around(2, 0))).toEqual({
    repetitions: [8, 9],
    verdict: "not enough samples",
  });
});
