import { expect, test } from "vitest";
import { edmondsKarp } from "../../../src/algorithms/flow/edmonds-karp.ts";
import { flowNetwork, type FlowNetwork } from "../../../src/algorithms/flow/flow-network.ts";
import { maximumPreflow } from "../../../src/algorithms/flow/push-relabel.ts";
import { randomInt, rngStream, type Rng } from "../../../src/core/rng.ts";

/** A random network, cycles and parallel arcs included; node 0 is the source. */
function randomNetwork(rng: Rng): { make: (implicit: boolean) => FlowNetwork; arcs: number[][]; drains: number[] } {
  const n = randomInt(rng, 2, 9);
  const arcs: number[][] = [];
  for (let k = randomInt(rng, 0, 4 * n); k > 0; k--) {
    const u = randomInt(rng, 0, n - 1);
    const v = randomInt(rng, 0, n - 1);
    if (u !== v) arcs.push([u, v, randomInt(rng, 0, 12)]);
  }
  const drains = Array.from({ length: n }, (_, v) => (v > 0 && rng() < 0.4 ? randomInt(rng, 0, 15) : 0));
  const make = (implicit: boolean): FlowNetwork => {
    const excess = new Float64Array(n);
    if (implicit) excess[0] = 1_000;
    return flowNetwork(
      n,
      Int32Array.from(arcs, (a) => a[0]!),
      Int32Array.from(arcs, (a) => a[1]!),
      (e) => arcs[e]![2]!,
      excess,
      Float64Array.from(drains),
    );
  };
  return { make, arcs, drains };
}

const cutOf = (arcs: readonly number[][], drains: readonly number[], side: (v: number) => boolean): number => {
  let us = 0;
  for (const [u, v, capacity] of arcs) if (side(u!) && !side(v!)) us += capacity!;
  for (const [v, drain] of drains.entries()) if (side(v)) us += drain;
  return us;
};

test("push-relabel and Edmonds-Karp end in minimum cuts of one value on 500 random networks", () => {
  const rng = rngStream(1, "flow");
  for (let k = 0; k < 500; k++) {
    const { make, arcs, drains } = randomNetwork(rng);
    let least = Number.POSITIVE_INFINITY;
    for (let set = 1; set < 1 << drains.length; set += 2)
      least = Math.min(
        least,
        cutOf(arcs, drains, (v) => ((set >> v) & 1) === 1),
      );
    const preflow = maximumPreflow(make(true), 10_000);
    expect(preflow.value, `network ${k}`).toBe(least);
    expect(cutOf(arcs, drains, (v) => preflow.reachesSink[v] === 0)).toBe(least);
    const reached = edmondsKarp(make(false), 0);
    expect(cutOf(arcs, drains, (v) => reached[v] === 1)).toBe(least);
    for (const [v] of drains.entries())
      if (reached[v] === 1) expect(preflow.reachesSink[v], "the smallest source side lies in the largest").toBe(0);
  }
});
