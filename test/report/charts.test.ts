import { describe, expect, test } from "vitest";
import type { ChangeType } from "../../src/core/iteration.ts";
import type { RunRow } from "../../src/core/result-row.ts";
import { cumulativeChart } from "../../src/report/charts/cumulative.ts";
import { changeTypeColours, darkColours, executorDash, systemColour } from "../../src/report/charts/theme.ts";
import { formatBytes, formatNumber, formatShare, formatUs, timeUnitFor } from "../../src/report/charts/units.ts";
import { fontFiles, readFontMetrics } from "../../src/report/font.ts";
import { renderPng, renderSvg } from "../../src/report/render.ts";

const changes: readonly ChangeType[] = ["initial", "dpr", "li", "ppr"];

function run(system: string, runUs: readonly number[], executor = "simulated"): RunRow[] {
  let cumulativeUs = 0;
  return runUs.map((us, iteration) => {
    cumulativeUs += us;
    return {
      trace: "tiny",
      system,
      planner: "max-flow",
      materializer: "never",
      budgetBytes: null,
      accounting: "uniform",
      seed: 1,
      executor,
      iteration,
      changeType: changes[iteration] ?? "ppr",
      runUs: us,
      computeUs: us,
      loadUs: 0,
      writeUs: 0,
      storedBytes: 0,
      evictedBytes: 0,
      peakBytes: 0,
      computed: 1,
      loaded: 0,
      pruned: 0,
      cumulativeUs,
    };
  });
}

const text = { title: "Tiny", conditions: ["trace tiny", "accounting uniform · no budget"] };
const rows = [
  ...run("keystoneml", [4e6, 4e6, 4e6, 4e6]),
  ...run("helix-demo", [5e6, 3e6, 1e6, 1e4]),
  ...run("helix-nm", [4e6, 4e6, 4e6, 4e6]),
  ...run("helix-demo", [6e6, 3e6, 1e6, 2e4], "duckdb"),
];

describe("the cumulative chart", () => {
  test("has one line per system and executor, equal lines merged under both names, slowest first", () => {
    const layers = cumulativeChart(rows, text)["layer"] as { encoding: { stroke?: { scale: { domain: string[] } } } }[];
    expect(layers[0]?.encoding.stroke?.scale.domain).toEqual([
      "keystoneml = helix-nm · simulated",
      "helix-demo · duckdb",
      "helix-demo · simulated",
    ]);
  });

  test("colours points purple for pre-processing, orange for learning, green for post-processing, grey at first", async () => {
    const svg = await renderSvg(cumulativeChart(rows, text));
    const fills = [...svg.matchAll(/aria-roledescription="point"[^>]*fill="(#[0-9a-f]{6})"/gu)].map(
      (match) => match[1],
    );
    const { initial, dpr, li, ppr } = changeTypeColours;
    expect(fills.slice(0, 4)).toEqual([initial, dpr, li, ppr]);
    expect(fills).toHaveLength(12);
  });

  test("names executors in the legend and breaks the lines of measured runs", async () => {
    const svg = await renderSvg(cumulativeChart(rows, text));
    expect(svg).toContain("helix-demo · duckdb");
    expect(svg).toContain(`stroke-dasharray="${executorDash("duckdb").join(",")}"`);
  });

  test("gives every point a tooltip with time, states and storage", async () => {
    const svg = await renderSvg(cumulativeChart(rows, text));
    const titles = [...svg.matchAll(/<title>([^<]*)<\/title>/gu)].map((match) => match[1]);
    expect(titles).toHaveLength(12);
    expect(titles).toContain(
      "helix-demo · simulated, iteration 3 (ppr edit): 9.01 s so far, 10 ms in this one (compute 10 ms, load 0 µs, write 0 µs); 1 computed, 0 loaded, 0 pruned; 0 B stored",
    );
  });

  test("is the same text and picture each time it is drawn", async () => {
    const spec = cumulativeChart(rows, text, { logScale: true });
    const [first, second] = [await renderSvg(spec), await renderSvg(spec)];
    expect(second).toBe(first);
    expect(Buffer.from(renderPng(first)).equals(Buffer.from(renderPng(second)))).toBe(true);
  });

  test("escapes names that come from files", async () => {
    const evil = run(`<script>alert("x")</script>`, [1e6, 1e6]);
    const svg = await renderSvg(cumulativeChart(evil, { title: "<b>&", conditions: ["<i>"] }));
    expect(svg).not.toMatch(/<script|<b>|<i>/u);
  });

  test("matches its golden specification", async () => {
    await expect(`${JSON.stringify(cumulativeChart(rows, text), null, 1)}\n`).toMatchFileSnapshot(
      "../golden/charts/cumulative.vl.json",
    );
  });

  test("shows its text although no font of the machine is used", async () => {
    const bare = renderPng(await renderSvg(cumulativeChart(rows, { title: " ", conditions: [] })), 1);
    const titled = renderPng(await renderSvg(cumulativeChart(rows, { title: "MMMMMM", conditions: [] })), 1);
    expect(Buffer.from(bare).equals(Buffer.from(titled))).toBe(false);
  });
});

describe("looks", () => {
  test("no line colour is that of a change type", () => {
    const points = new Set<string>(Object.values(changeTypeColours).slice(1));
    const lines = ["helix-demo", "helix", "deepdive", "keystoneml", "none-fused", "collab", "all", "oracle"];
    for (const system of lines) expect(points.has(systemColour(system, 0))).toBe(false);
    for (let spare = 0; spare < 10; spare++) expect(points.has(systemColour("unknown", spare))).toBe(false);
  });

  test("every colour of a chart has a counterpart for dark pages", async () => {
    const svg = await renderSvg(cumulativeChart([...rows, ...run("mine", [1e6, 2e6])], text));
    const used = new Set([...svg.matchAll(/(?:fill|stroke)="(#[0-9a-f]{6})"/gu)].map((match) => match[1]));
    expect([...used].filter((colour) => darkColours[colour ?? ""] === undefined)).toEqual([]);
  });
});

describe("text widths", () => {
  test("come from the font: digits are equally wide, an i is narrower than an m, bold is wider", () => {
    const [regular, bold] = fontFiles().map(readFontMetrics);
    expect(regular?.widthEm("0")).toBe(regular?.widthEm("7"));
    expect(regular?.widthEm("0")).toBeCloseTo(1303 / 2048, 12);
    expect(regular?.widthEm("i")).toBeLessThan(regular?.widthEm("m") ?? 0);
    expect(bold?.widthEm("reuse")).toBeGreaterThan(regular?.widthEm("reuse") ?? 0);
    expect(regular?.widthEm("µ×·")).toBeGreaterThan(1);
  });

  test("a file that is no font is refused", () => {
    expect(() => readFontMetrics("package.json")).toThrow(RangeError);
  });
});

describe("units", () => {
  test.each([
    [0, "0 µs"],
    [999, "999 µs"],
    [1500, "1.5 ms"],
    [61_234_567, "1.02 min"],
    [12_345_678, "12.3 s"],
    [7.2e10, "1200 min"],
  ])("%d µs reads %s", (us, shown) => {
    expect(formatUs(us)).toBe(shown);
  });

  test("bytes, shares and numbers have three significant digits", () => {
    expect(formatBytes(9_123_456)).toBe("9.12 MB");
    expect(formatBytes(null)).toBe("no limit");
    expect(formatShare(0.61349)).toBe("61.3 %");
    expect(formatNumber(4.56789)).toBe("4.57");
    expect(formatNumber(Infinity)).toBe("∞");
  });

  test("axes are in seconds up to ten minutes, then in minutes", () => {
    expect(timeUnitFor(599e6).symbol).toBe("s");
    expect(timeUnitFor(601e6).symbol).toBe("min");
    expect(timeUnitFor(5e4).symbol).toBe("ms");
  });
});
