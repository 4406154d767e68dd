import { expect, test } from "vitest";
import { CutSolver } from "../../../src/algorithms/flow/cut-solver.ts";
import { DynamicCut } from "../../../src/algorithms/flow/dynamic-cut.ts";
import { edmondsKarp } from "../../../src/algorithms/flow/edmonds-karp.ts";
import { flowNetwork } from "../../../src/algorithms/flow/flow-network.ts";
import { randomInt, rngStream } from "../../../src/core/rng.ts";

test("the reusable and the dynamic solver find the smallest source side, as Edmonds-Karp does, on 500 random networks", () => {
  const rng = rngStream(1, "cut-solver");
  const solver = new CutSolver();
  for (let k = 0; k < 500; k++) {
    const n = randomInt(rng, 2, 40);
    const arcs: [number, number, number][] = [];
    for (let a = randomInt(rng, 0, 4 * n); a > 0; a--) {
      const u = randomInt(rng, 0, n - 1);
      const v = randomInt(rng, 0, n - 1);
      if (u !== v) arcs.push([u, v, rng() < 0.2 ? 0 : randomInt(rng, 1, 20)]);
    }
    const supplies = Array.from({ length: n }, () => (rng() < 0.4 ? randomInt(rng, 0, 30) : 0));
    const drains = Array.from({ length: n }, () => (rng() < 0.5 ? randomInt(rng, 0, 30) : 0));

    // Edmonds-Karp with the source as node n.
    const tails = Int32Array.from([...arcs.map((arc) => arc[0]), ...supplies.map(() => n)]);
    const heads = Int32Array.from([...arcs.map((arc) => arc[1]), ...supplies.keys()]);
    const capacities = [...arcs.map((arc) => arc[2]), ...supplies];
    const network = flowNetwork(
      n + 1,
      tails,
      heads,
      (e) => capacities[e]!,
      new Float64Array(n + 1),
      Float64Array.from([...drains, 0]),
    );
    const reached = [...edmondsKarp(network, n).subarray(0, n)];

    solver.begin(n, arcs.length);
    for (const [u, v, capacity] of arcs) solver.arc(u, v, capacity);
    solver.supply.set(supplies);
    solver.drain.set(drains);
    solver.solve(n);
    expect(
      Array.from({ length: n }, (_, v) => (solver.isSource(v) ? 1 : 0)),
      `network ${k}`,
    ).toEqual(reached);

    const dynamic = new DynamicCut();
    for (let v = 0; v < n; v++) dynamic.addNode(supplies[v]! - drains[v]!);
    for (const [u, v, capacity] of arcs) dynamic.addArc(u, v, capacity, 0);
    while (!dynamic.run(5)); // in small steps: interruptions must not matter
    expect(
      Array.from({ length: n }, (_, v) => (dynamic.isSource(v) ? 1 : 0)),
      `network ${k}, dynamic`,
    ).toEqual(reached);
  }
});

test("a large network solved in lent arrays has the same cut", () => {
  const rng = rngStream(2, "cut-solver/lent");
  const n = 6_000;
  const arcs = Array.from({ length: 20_000 }, () => {
    const head = randomInt(rng, 0, n - 2);
    return [randomInt(rng, head + 1, n - 1), head, randomInt(rng, 0, 20)] as const;
  });
  const supplies = Array.from({ length: n }, () => (rng() < 0.3 ? randomInt(rng, 0, 30) : 0));
  const drains = Array.from({ length: n }, () => (rng() < 0.5 ? randomInt(rng, 0, 30) : 0));
  const floats = new Float64Array(4 * arcs.length).fill(7);
  const ints = new Int32Array(4 * arcs.length).fill(7);
  const [own, lent] = [false, true].map((isLent) => {
    const solver = new CutSolver();
    if (isLent) solver.begin(n, arcs.length, floats, ints);
    else solver.begin(n, arcs.length);
    for (const [u, v, capacity] of arcs) solver.arc(u, v, capacity);
    solver.supply.set(supplies);
    solver.drain.set(drains);
    solver.solve(n);
    return Array.from({ length: n }, (_, v) => solver.isSource(v));
  });
  expect(lent).toEqual(own);
  expect(own!.filter(Boolean).length, "a cut with something on both sides").toBeGreaterThan(10);
  expect(
    floats.every((us) => us === 7),
    "the lent arrays were used",
  ).toBe(false);
});
