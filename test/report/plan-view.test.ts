import { describe, expect, test } from "vitest";
import { surveyTrace, systemById } from "../../src/simulator/index.ts";
import type { Iteration } from "../../src/core/iteration.ts";
import { drawPlan } from "../../src/report/plan-view/draw.ts";
import { layoutLayers, spread } from "../../src/report/plan-view/layers.ts";
import { simulatePlans } from "../../src/report/plan-view/simulate-plans.ts";
import { randomTrace } from "../support/random-traces.ts";

/** Names that would break out of text, attributes or script. */
const hostile = [
  `<img src=x onerror="alert(1)">`,
  `"/><script>alert(1)</script>`,
  "'&\u2028",
  "__proto__",
  "</script>",
];

function node(
  id: string,
  signature: string,
  parents: readonly string[],
  computeUs: number,
  kind: "dpr" | "li" | "ppr",
) {
  return { id, op: "op", kind, signature, parents, computeUs, sizeBytes: 170_000, loadUs: 2000, writeUs: 2000 };
}

/** rows → features → model → check; the model is edited, then the check. */
function versions(name = "features"): readonly Iteration[] {
  const version = (
    iteration: number,
    changeType: Iteration["changeType"],
    model: string,
    check: string,
  ): Iteration => ({
    iteration,
    changeType,
    nodes: [
      node("rows", "rows", [], 100_000, "dpr"),
      node(name, "features", ["rows"], 500_000, "dpr"),
      node("model", model, [name], 300_000, "li"),
      node("check", `${check} of ${model}`, ["model"], 10_000, "ppr"),
    ],
  });
  return [version(0, "initial", "m1", "c1"), version(1, "li", "m2", "c1"), version(2, "ppr", "m2", "c2")];
}

async function viewOf(iterations: readonly Iteration[], systems: readonly string[] = ["helix", "keystoneml"]) {
  return simulatePlans({
    trace: { name: "t", iterations, facts: surveyTrace(iterations) },
    systems: systems.map((id) => systemById(id)!),
    budget: { kind: "none" },
  });
}

describe("the plans of a simulation", () => {
  test("say what each system computed, loaded, pruned and stored, as worked out by hand", async () => {
    const { runs } = await viewOf(versions());
    const states = (run: number, step: number) => runs[run]?.steps[step]?.outcomes.map(({ state }) => state);
    expect(states(0, 0)).toEqual(["compute", "compute", "compute", "compute"]);
    expect(states(0, 1)).toEqual(["prune", "load", "compute", "compute"]);
    expect(states(0, 2)).toEqual(["prune", "prune", "load", "compute"]);
    expect(states(1, 2)).toEqual(["compute", "compute", "compute", "compute"]);
    expect(runs[0]?.steps[1]?.outcomes[1]).toMatchObject({ loadUs: 2000, bytes: 170_000, written: false });
    expect(runs[1]?.steps[1]?.outcomes.every(({ bytes }) => bytes === null)).toBe(true);
  });

  test("mark the node that was edited, not those that follow from it", async () => {
    const { versions: seen } = await viewOf(versions());
    expect(seen.map(({ nodes }) => nodes.filter(({ edited }) => edited).map(({ id }) => id))).toEqual([
      [],
      ["model"],
      ["check"],
    ]);
  });

  test("add up: nodes' times are the row's", async () => {
    const iterations = randomTrace(11, { iterations: 8, nodes: 12, noise: true, segments: false });
    const { runs } = await viewOf(iterations, ["helix", "collab", "keystoneml"]);
    for (const { steps } of runs)
      for (const step of steps) {
        const sum = step.outcomes.reduce((us, one) => us + one.computeUs + one.loadUs + one.writeUs, 0);
        expect(sum).toBe(step.runUs);
      }
  });

  test("keep a system that ends early, with its reason", async () => {
    const { runs } = await viewOf(versions(), ["deepdive"]);
    expect(runs[0]?.steps).toHaveLength(1);
    expect(runs[0]?.ends).toContain("ends before the first li/ppr iteration");
  });
});

describe("the layered drawing", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "of random workflow %d points down, fits its width and overlaps nothing",
    (seed) => {
      const [first] = randomTrace(seed, { iterations: 1, nodes: 40, noise: false, segments: false });
      const ids = first!.nodes.map(({ id }) => id);
      const parents = first!.nodes.map((own) => own.parents.map((id) => ids.indexOf(id)));
      for (const width of [1, 3, 5]) {
        const { places, routes, layerCount } = layoutLayers(parents, width);
        const byLayer = Array.from({ length: layerCount }, () => [] as number[]);
        for (const { x, layer } of places) byLayer[layer]!.push(x);
        for (const layer of byLayer) {
          layer.sort((a, b) => a - b);
          expect(layer.length).toBeGreaterThan(0);
          expect(layer.length).toBeLessThanOrEqual(width);
          for (let i = 1; i < layer.length; i++) expect(layer[i]! - layer[i - 1]!).toBeGreaterThan(0.999);
        }
        for (const { from, to, via } of routes) {
          const layers = [places[from]!, ...via, places[to]!].map(({ layer }) => layer);
          expect(layers).toEqual(layers.map((_, i) => layers[0]! + i));
        }
        expect(layoutLayers(parents, width)).toEqual(layoutLayers(parents, width));
      }
    },
  );

  test("draws a diamond without crossing, its sides beside each other", () => {
    const { places } = layoutLayers([[], [0], [0], [1, 2]], 4);
    expect(places.map(({ layer }) => layer)).toEqual([0, 1, 1, 2]);
    expect(places[0]!.x).toBeCloseTo((places[1]!.x + places[2]!.x) / 2, 6);
    expect(places[3]!.x).toBeCloseTo(places[0]!.x, 6);
  });

  test("is empty for a workflow without nodes", () => {
    expect(layoutLayers([], 3)).toMatchObject({ places: [], routes: [], layerCount: 0 });
  });

  test("places are the nearest that do not overlap: two wishes at 0 part evenly", () => {
    expect(spread([0, 0], [1, 1], 10)).toEqual([-0.5, 0.5]);
    expect(spread([-9, 9], [1, 1], 4)).toEqual([-1.5, 1.5]);
  });
});

describe("the picture of a plan", () => {
  test.each(hostile)("shows %j as text", async (name) => {
    const view = await viewOf(versions(name));
    const version = view.versions[1]!;
    const layout = layoutLayers(
      version.nodes.map(({ parents }) => parents),
      4,
    );
    const svg = drawPlan(version, view.runs[0]!.steps[1]!, layout, name);
    expect(svg).not.toMatch(/<img|<script|<\/script/u);
    expect(
      [...svg.matchAll(/<([a-z]+)/gu)]
        .map((match) => match[1])
        .filter((tag) => !/^(?:svg|g|path|rect|text)$/u.test(tag ?? "")),
    ).toEqual([]);
    expect(svg.match(/class="node /gu)).toHaveLength(4);
  });

  test("has a drum on the left of a loaded node and one on the right of each stored one", async () => {
    const view = await viewOf(versions());
    const version = view.versions[1]!;
    const layout = layoutLayers(
      version.nodes.map(({ parents }) => parents),
      4,
    );
    const svg = drawPlan(version, view.runs[0]!.steps[1]!, layout, "plan");
    const groups = [...svg.matchAll(/<g class="node ([^"]*)" data-node="(\d)".*?<\/g>/gu)];
    expect(groups.map((match) => match[1])).toEqual(["prune dpr", "load dpr", "compute li edited", "compute ppr"]);
    expect(groups[1]?.[0]).toMatch(/drum loaded.*drum kept/u);
    expect(groups[2]?.[0]).toContain("drum written");
    expect(groups[1]?.[0]).toContain("load 2 ms");
    expect(groups[1]?.[0]).toContain("storage 170 KB");
  });
});
