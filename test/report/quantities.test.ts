import { describe, expect, test } from "vitest";
import { logLogChart } from "../../src/report/charts/log-log.ts";
import { logTicks } from "../../src/report/charts/log-ticks.ts";
import { rangesChart } from "../../src/report/charts/ranges.ts";
import { renderSvg } from "../../src/report/render.ts";

/** What a picture says, without its shapes. */
async function textsOf(spec: Parameters<typeof renderSvg>[0]): Promise<string[]> {
  const svg = await renderSvg(spec);
  return [...svg.matchAll(/<text[^>]*>([^<]+)<\/text>/gu)].map((match) => match[1]!);
}

const text = { title: "Times", conditions: ["warm"], xTitle: "Nodes", yTitle: "Time (s)", seriesTitle: "Planner" };

describe("the log-log chart", () => {
  const points = [
    { series: "exact", x: 100, y: 0.0002, low: 0.0001, high: 0.0004 },
    { series: "exact", x: 100_000, y: 0.3, low: 0.2, high: 0.4 },
    { series: "max-flow", x: 100, y: 0.01 },
    { series: "max-flow", x: 100_000, y: 90 },
  ];

  test("marks powers of ten in plain numbers, names both axes and lists the highest line first", async () => {
    const said = await textsOf(logLogChart(points, { ...text, notes: { exact: ": slope 1.06" } }));
    for (const expected of ["Nodes", "Time (s)", "Planner", "0.0001", "0.01", "100", "1k", "100k"])
      expect(said).toContain(expected);
    expect(said.indexOf("max-flow")).toBeLessThan(said.indexOf("exact: slope 1.06"));
    expect(said.indexOf("max-flow")).toBeGreaterThan(-1);
    expect(said.filter((one) => /^\d+[mµ]$/u.test(one))).toEqual([]);
  });

  test("shows numbers from elsewhere as labelled points, outside the lines", async () => {
    const marks = [{ label: "published: 80 s", x: 10_000, y: 80 }];
    const said = await textsOf(logLogChart(points, { ...text, marks }));
    expect(said).toContain("published: 80 s");
    expect(said.filter((one) => one === "exact")).toHaveLength(1);
  });

  test("tells the lines of one series apart by their dashes, in a legend of their own", async () => {
    const kinds = points.map((point, i) => ({ ...point, kind: i % 2 === 0 ? "median" : "slowest" }));
    const said = await textsOf(logLogChart(kinds, { ...text, kindTitle: "Edits" }));
    for (const expected of ["Edits", "median", "slowest"]) expect(said).toContain(expected);
  });
});

describe("ticks of a logarithmic axis", () => {
  test("are powers of ten that enclose the numbers, with 2 and 5 where these are few", () => {
    expect(logTicks([3, 40_000])).toEqual([1, 10, 100, 1_000, 10_000, 100_000]);
    expect(logTicks([0.02, 0.5])).toEqual([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]);
    expect(logTicks([100, 1_000])[0]).toBe(100);
  });
});

describe("the chart of ranges", () => {
  test("has a row per category and a legend entry per series, on axes with units", async () => {
    const ranges = ["collab", "diamonds"].flatMap((category) =>
      ["exact", "linear-pass"].map((series) => ({ category, series, low: 1, middle: 2, high: 30 })),
    );
    const said = await textsOf(
      rangesChart(ranges, { ...text, xTitle: "Cost ÷ optimum", yTitle: "Family", scale: "log" }),
    );
    for (const expected of ["collab", "diamonds", "exact", "linear-pass", "Cost ÷ optimum", "Family", "1", "10"])
      expect(said).toContain(expected);
  });

  test("shows shares of nothing on a root scale", async () => {
    const ranges = [{ category: "chains", series: "left", low: 0, middle: 0, high: 40 }];
    const said = await textsOf(
      rangesChart(ranges, { ...text, yTitle: "Family", scale: "root", from: 0, ticks: [0, 5, 20] }),
    );
    for (const expected of ["0", "5", "20", "left"]) expect(said).toContain(expected);
  });
});
