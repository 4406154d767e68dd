import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { cellKey, readCells } from "../../src/harness/cells.ts";
import { defineExperiment } from "../../src/harness/experiment.ts";
import type { ResultMeta } from "../../src/harness/run-derived.ts";
import { claimsMarkdown, claimsText } from "../../src/report/claims-table.ts";
import { renderPage } from "../../src/report/page.ts";
import { renderSvg } from "../../src/report/render.ts";
import { readResultFolder } from "../../src/report/result-folder.ts";
import { markdownTable, textTable } from "../../src/report/text-table.ts";

const evil = `<img src=x onerror="alert(1)">`;

function meta(): ResultMeta {
  const { id, title } = defineExperiment({
    id: "toy",
    title: `Toy ${evil}`,
    reproduces: evil,
    params: {},
    async *run() {},
  });
  return {
    format: "reuselab.results",
    version: 1,
    experiment: id,
    experimentVersion: 1,
    title,
    reproduces: evil,
    quick: false,
    seed: 1,
    params: {},
    cells: { total: 3, done: 2, failed: 1, timeout: 0, notRun: 0 },
    executors: ["simulated"],
    charts: ["chart"],
    claims: [
      {
        experiment: id,
        id: "faster",
        claim: `faster ${evil}`,
        source: evil,
        expected: 10,
        got: 3.456,
        band: [2, 5],
        ceiling: 8,
        attained: 0.5,
        tolerance: "x/÷ 2",
        verdict: "not testable",
        note: `why | ${evil}`,
      },
    ],
    tables: [{ title: evil, note: evil, header: [evil], rows: [[evil]] }],
    exclusions: [{ trace: evil, system: evil, reason: evil, fromIteration: 3 }],
    failures: [{ params: { system: evil }, code: "E_BUG", message: evil }],
  };
}

const chart = {
  $schema: "https://vega.github.io/schema/vega-lite/v6.json",
  data: { values: [{ a: 1, b: 2 }] },
  mark: { type: "line", clip: true },
  encoding: { x: { field: "a", type: "quantitative" }, y: { field: "b", type: "quantitative" } },
};

async function page(): Promise<string> {
  const svg = await renderSvg(chart);
  const one = { meta: meta(), runs: [], figures: [{ name: "chart", svg }], rowsCsv: "a,b\n1,2\n", cells: "{}\n" };
  const two = { ...one, meta: { ...meta(), experiment: "toy-2" } };
  return renderPage({ title: `Page ${evil}`, intro: evil, results: [one, two] });
}

describe("the page", () => {
  test("escapes everything that came from files", async () => {
    const html = await page();
    expect(html).not.toContain("<img");
    expect(html).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;");
  });

  test("asks for nothing from outside: no address but XML namespaces and data", async () => {
    const html = await page();
    const addresses = [...html.matchAll(/(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)/giu)].map(
      (match) => match[1] ?? "",
    );
    expect(addresses.filter((address) => !/^(?:#|data:|x$)/u.test(address))).toEqual([]);
    expect(html).not.toMatch(/<(?:script|link|iframe|object|img)\b|@import/iu);
    expect(html).toContain(`default-src 'none'`);
  });

  test("shows figures, verdicts, ceilings, bands, exclusions and failures", async () => {
    const html = await page();
    for (const part of ["<svg ", "not testable", "3.46", "[2, 5]", "from iteration 3", "Failed cells", "Excluded"])
      expect(html).toContain(part);
  });

  test("keeps ids of its figures apart, so that one's clip paths do not cut another", async () => {
    const html = await page();
    const ids = [...html.matchAll(/\bid="([^"]+)"/gu)].map((match) => match[1]);
    expect(ids.length).toBeGreaterThan(3);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of html.matchAll(/url\(#([^)]+)\)/gu)) expect(ids).toContain(id);
  });

  test("offers the raw rows for download", async () => {
    const data = /download="toy-rows\.csv\.gz" href="data:application\/gzip;base64,([^"]+)"/u.exec(await page())?.[1];
    expect(gunzipSync(Buffer.from(data ?? "", "base64")).toString()).toBe("a,b\n1,2\n");
  });

  test("is the same text each time", async () => {
    expect(await page()).toBe(await page());
  });
});

describe("tables of claims", () => {
  test("in a terminal have a row per claim and its note below", () => {
    const text = claimsText(meta().claims);
    expect(text).toContain("3.46 [2, 5]");
    expect(text).toContain("50 %");
    expect(text.trim().split("\n").at(-1)).toMatch(/^toy faster: tolerance x\/÷ 2; why/u);
  });

  test("in Markdown escape pipes, and name exclusions with the iteration they start at", () => {
    const text = claimsMarkdown(meta());
    expect(text).toContain("| toy |");
    expect(text).toContain("from iteration 3:");
    expect(markdownTable(["a"], [["x|y\nz"]])).toContain("x\\|y z");
  });

  test("line up, numbers to the right", () => {
    expect(
      textTable(
        ["name", "n"],
        [
          ["a", "1"],
          ["bb", "10"],
        ],
      ),
    ).toBe("name   n\n────  ──\na      1\nbb    10\n");
  });
});

describe("a stored folder of format 1", () => {
  const folder = "test/golden/results-v1";

  test("is still read: cells, runs, and fields that came later have defaults", () => {
    const { meta, runs, cells } = readResultFolder(folder);
    expect(meta).toMatchObject({ experiment: "stored", tables: [], cells: { done: 2 } });
    expect(runs).toHaveLength(1);
    expect(cells.trim().split("\n")).toHaveLength(2);
    const stored = [...readCells(`${folder}/cells.jsonl`).cells.values()];
    const two = stored.find(({ configuration }) => configuration.params["n"] === 2);
    expect(two?.rows).toEqual([
      { i: 0, value: 0, label: "x" },
      { i: 1, value: 2, label: "x" },
    ]);
    expect(two?.key).toBe(cellKey(two!.configuration));
  });

  test("makes a page", () => {
    expect(renderPage({ title: "t", intro: "", results: [readResultFolder(folder)] })).toContain("A stored folder");
  });
});
