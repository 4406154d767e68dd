import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command } from "../../src/cli/report.ts";
import { UsageError } from "../../src/core/errors.ts";
import { pageScript } from "../../src/report/client-bundle.ts";
import { figureSpec } from "../../src/report/figure-spec.ts";
import { packedBlock } from "../../src/report/packed.ts";
import { withTooltips } from "../../src/report/with-tooltips.ts";
import type { PlanView } from "../../src/report/plan-view/plan-record.ts";

const evil = `</script><img src=x onerror="alert(1)">`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-page-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function report(
  values: Readonly<Record<string, string | readonly string[]>>,
  positionals: readonly string[] = [],
) {
  const out: string[] = [];
  const code = await command.run(
    { values: { out: join(folder, "out"), quiet: true, ...values }, positionals },
    {
      stdout: (text) => out.push(text),
      stderr: () => undefined,
      stdin: (async function* () {})(),
      env: {},
      signal: new AbortController().signal,
      isTerminal: false,
    },
  );
  return { code, file: out.join("").trim() };
}

function traceFile(): string {
  const file = join(folder, "evil.jsonl");
  const node = { id: evil, op: evil, signature: evil, parents: [], computeUs: 1, sizeBytes: 1 };
  const lines = [
    { format: "reuselab.trace", version: 1, name: evil },
    { iteration: 0, label: evil, changeType: "initial", nodes: [node] },
  ];
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return file;
}

describe("reuselab report --plan-view", () => {
  test("makes a page of a trace alone, whose only script is the one that its policy names", async () => {
    const { code, file } = await report({ planView: [traceFile()], system: ["naive,helix"], budget: "50%" });
    expect(code).toBe(0);
    const html = readFileSync(file, "utf8");
    const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/gu)].map((match) => match[1] ?? "");
    expect(scripts).toHaveLength(1);
    const hash = createHash("sha256").update(scripts[0]!).digest("base64");
    expect(html).toContain(`default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${hash}'`);
    expect(html).not.toContain("<img");
    expect(html.length).toBeLessThan(2_000_000);
  });

  test("keeps the plans in the page, each system's beside the other's", async () => {
    const { file } = await report({ planView: [traceFile()], system: ["naive,helix"], budget: "50%" });
    const html = readFileSync(file, "utf8");
    const data = /<script type="application\/json" id="plan-data-0">(.*?)<\/script>/u.exec(html)?.[1] ?? "";
    const view = JSON.parse(data) as PlanView;
    expect(view.trace).toBe(evil);
    expect(view.runs.map(({ system }) => system)).toEqual(["naive", "helix"]);
    expect(view.versions[0]?.nodes[0]?.id).toBe(evil);
  });

  test("takes helix beside keystoneml when no system is named", async () => {
    const { file } = await report({ planView: ["test/golden/traces/diamond.jsonl"] });
    expect(readFileSync(file, "utf8")).toMatch(/<strong>helix<\/strong>.*<strong>keystoneml<\/strong>/su);
  });

  test("refuses what it cannot show", async () => {
    await expect(report({})).rejects.toThrow(/no folder given; expected .* --plan-view TRACE/u);
    await expect(report({ planView: [traceFile()], system: ["helx"] })).rejects.toThrow(UsageError);
    await expect(report({ planView: [traceFile()], accounting: "mine" })).rejects.toThrow(
      /--accounting "mine": is unknown/u,
    );
    await expect(report({}, [join(folder, "nowhere")])).rejects.toThrow(/does not exist/u);
  });
});

describe("packed data", () => {
  test("comes back as it was, short or long, and never ends its block early", () => {
    for (const value of [{ name: evil }, { names: Array.from({ length: 500 }, (_, i) => `${evil}${i}`) }]) {
      const block = packedBlock("data", value);
      expect(block.match(/<\/script>/gu)).toHaveLength(1);
      const [, type, text = ""] = /type="application\/(json|gzip)" id="data">(.*)<\/script>/u.exec(block) ?? [];
      const json = type === "gzip" ? gunzipSync(Buffer.from(text, "base64")).toString() : text;
      expect(JSON.parse(json)).toEqual(value);
    }
  });
});

describe("the page's script", () => {
  test("needs no eval and no address", async () => {
    const { text } = await pageScript();
    expect(text).not.toMatch(/<\/script|<!--/u);
    expect(text).not.toMatch(/\bimport\s*\(|\brequire\s*\(/u);
    expect(text.length).toBeLessThan(1_500_000);
  });
});

describe("tooltips of figures", () => {
  const encoding = { x: { field: "a", type: "quantitative" }, description: { field: "says", type: "nominal" } };

  test("say what the marks say to screen readers, at any depth, and leave lines alone", () => {
    const spec = withTooltips({
      layer: [
        { mark: "line", encoding: { x: encoding.x } },
        { mark: "point", encoding },
      ],
    });
    expect(spec).toEqual({
      layer: [
        { mark: "line", encoding: { x: encoding.x } },
        { mark: "point", encoding: { ...encoding, tooltip: encoding.description } },
      ],
    });
  });

  test("are the encoded values where marks say nothing, and never replace a chart's own", () => {
    expect(withTooltips({ mark: "bar", encoding: {} })).toEqual({ mark: { tooltip: true, type: "bar" }, encoding: {} });
    const own = { mark: "bar", encoding: { tooltip: { field: "b", type: "nominal" } } };
    expect(withTooltips(own)).toEqual(own);
  });

  test("reach the compiled chart", () => {
    const spec = { $schema: "v6", data: { values: [{ a: 1, says: "one" }] }, mark: "point", encoding };
    expect(JSON.stringify(figureSpec(spec))).toContain('"tooltip"');
  });
});
