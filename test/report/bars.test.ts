import { describe, expect, test } from "vitest";
import { barsChart } from "../../src/report/charts/bars.ts";
import { darkColours, ink, systemColour } from "../../src/report/charts/theme.ts";
import { renderSvg } from "../../src/report/render.ts";

const points = [
  { system: "kg", executor: "simulated", x: "W1", y: 8 },
  { system: "kg", executor: "simulated", x: "W2", y: 400 },
  { system: "collab", executor: "duckdb", x: "W1", y: 0.5 },
  { system: "collab", executor: "duckdb", x: "W2", y: 100 },
];
const text = { title: "Bars", conditions: ["a note"], xTitle: "Workload", yTitle: "Run time (s)" };

/** Heights in pixels by what a bar says, and the width of its outline. */
async function drawn(
  logScale: boolean,
): Promise<ReadonlyMap<string, { readonly height: number; readonly edge: string }>> {
  const svg = await renderSvg(barsChart(points, ["W1", "W2"], { ...text, logScale }));
  const bars = [...svg.matchAll(/<path aria-label="([^"]+)"[^>]* d="([^"]+)"[^>]*>/gu)].filter(([, label]) =>
    label!.includes("·"),
  );
  return new Map(
    bars.map(([tag, label, d]) => {
      const height = Number(/v([\d.]+)/u.exec(d!)?.[1]);
      return [label!, { height, edge: /stroke-width="([^"]+)"/u.exec(tag)?.[1] ?? "1" }];
    }),
  );
}

describe("the bar chart", () => {
  test("has a bar for each line and category, as high as its value; measured ones have an outline", async () => {
    const bars = await drawn(false);
    expect([...bars.keys()].sort()).toEqual([
      "collab · duckdb, W1: 0.5",
      "collab · duckdb, W2: 100",
      "kg · simulated, W1: 8",
      "kg · simulated, W2: 400",
    ]);
    const { height: high } = bars.get("kg · simulated, W2: 400")!;
    expect(bars.get("collab · duckdb, W2: 100")!.height / high).toBeCloseTo(0.25, 6);
    for (const [label, { edge }] of bars) expect(edge).toBe(label.includes("duckdb") ? "1.5" : "0");
  });

  test("on a logarithmic axis the smallest value still has a bar", async () => {
    const bars = await drawn(true);
    const heights = ["collab · duckdb, W1: 0.5", "kg · simulated, W1: 8", "kg · simulated, W2: 400"].map(
      (label) => bars.get(label)!.height,
    );
    expect(heights[0]).toBeGreaterThan(10);
    expect(heights[1]! - heights[0]!).toBeCloseTo((heights[0]! / Math.log(2)) * Math.log(16), 4);
    expect(heights[2]!).toBeGreaterThan(heights[1]!);
  });

  test("lines keep their colours, which dark pages know", async () => {
    const svg = await renderSvg(barsChart(points, ["W1", "W2"], text));
    for (const system of ["kg", "collab"]) expect(svg).toContain(systemColour(system, 0));
    for (const colour of [ink.text, ...["kg", "collab", "collab-utility"].map((one) => systemColour(one, 0))])
      expect(darkColours[colour]).toBeDefined();
  });
});
