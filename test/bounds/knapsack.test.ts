import { expect, test } from "vitest";
import { fillKnapsack } from "../../src/bounds/knapsack.ts";
import { randomInt, rngStream } from "../../src/core/rng.ts";

test("the knapsack equals exhaustive search, free and useless results included", () => {
  for (let seed = 0; seed < 200; seed++) {
    const rng = rngStream(seed, "knapsack");
    const n = randomInt(rng, 0, 10);
    const sizeBytes = Float64Array.from({ length: n }, () => randomInt(rng, 0, 9));
    const worthUs = Float64Array.from({ length: n }, () => randomInt(rng, 0, 9));
    const budget = seed % 7 === 0 ? Infinity : randomInt(rng, 0, 30);
    let best = 0;
    for (let mask = 0; mask < 1 << n; mask++) {
      const chosen = Array.from({ length: n }, (_, v) => v).filter((v) => (mask >> v) & 1);
      const bytes = chosen.reduce((sum, v) => sum + sizeBytes[v]!, 0);
      if (bytes <= budget)
        best = Math.max(
          best,
          chosen.reduce((sum, v) => sum + worthUs[v]!, 0),
        );
    }
    const { us, share } = fillKnapsack(sizeBytes, budget, worthUs);
    expect({ seed, us }).toEqual({ seed, us: best });
    expect(share.reduce((sum, part, v) => sum + part * sizeBytes[v]!, 0)).toBeLessThanOrEqual(budget);
  }
});

test("beyond the node limit the answer is an upper bound of every filling", () => {
  const rng = rngStream(1, "hard");
  // Sizes equal to worths and a budget no sum meets: the search cannot prune.
  const sizeBytes = Float64Array.from({ length: 60 }, () => 2 * randomInt(rng, 500_000, 1_000_000));
  const budget = 20_000_001;
  const { us, share } = fillKnapsack(sizeBytes, budget, sizeBytes);
  const whole = share.reduce((sum, part, v) => sum + (part === 1 ? sizeBytes[v]! : 0), 0);
  expect(us).toBeGreaterThanOrEqual(whole);
  expect(us).toBeLessThanOrEqual(budget + 1); // rounded up
});
