import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command } from "../../src/cli/validate.ts";
import { runCommand } from "./run-command.ts";

const golden = new URL("../golden/traces/", import.meta.url).pathname;
const traces = readdirSync(golden).filter((name) => name.endsWith(".jsonl"));

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "validate-"));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});
function file(name: string, content: string | Uint8Array): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

const problem =
  '{"format":"reuselab.problem","version":1,"nodes":[{"id":"a","parents":[],"computeUs":10,"loadUs":null}],"outputs":["a"]}';

describe("validate", () => {
  test("accepts every golden trace, plain and gzip, and prints one line each", async () => {
    expect(traces.length).toBeGreaterThan(2);
    for (const name of traces) {
      const zipped = file(`${name}.gz`, gzipSync(readFileSync(join(golden, name))));
      const { code, stdout, stderr } = await runCommand(command, [join(golden, name), zipped]);
      expect({ code, stderr, lines: stdout.split("\n").length }).toEqual({ code: 0, stderr: "", lines: 3 });
      expect(stdout).toContain(`OK, trace "${name.replace(".jsonl", "")}"`);
    }
  });

  test("accepts problems on one line, over several lines and as JSON Lines", async () => {
    const pretty = file("pretty.json", JSON.stringify(JSON.parse(problem), null, 2));
    const lines = file("lines.jsonl", `${problem}\n${problem}\n`);
    const { code, stdout } = await runCommand(command, [pretty, lines], { format: "json" });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      { file: pretty, kind: "problems", name: null, records: 1, nodes: 1, ok: true },
      { file: lines, kind: "problems", name: null, records: 2, nodes: 2, ok: true },
    ]);
  });

  const chain = readFileSync(join(golden, "chain.jsonl"), "utf8");
  const bad: [string, string, RegExp][] = [
    [
      "a negative cost",
      chain.replace('"computeUs":200000', '"computeUs":-1'),
      /:2: nodes\[0\]\.computeUs: is -1; expected/u,
    ],
    ["an unknown parent", chain.replace('["rows"]', '["row"]'), /:2: nodes\[2\]\.parents\[0\]: "row" is unknown/u],
    ["a skipped iteration", chain.replace('"iteration":2', '"iteration":3'), /:4: iteration: is 3; expected 2/u],
    ["another version", chain.replace('"version":1', '"version":2'), /:1: version: is 2; expected 1/u],
    ["an empty file", "", /:1: is empty; expected a trace or a problem file/u],
    ["binary data", "\u0000\u0001\u0002", /not a line of JSON/u],
    ["a list", "[]", /:1: is an empty list; expected the header/u],
    ["another format", '{"format":"other"}', /format: is "other"; expected "reuselab.trace"/u],
    ["a problem with a cycle", problem.replace('"parents":[]', '"parents":["a"]'), /cycle/u],
    ["a problem of a later version", problem.replace('"version":1', '"version":9'), /:1: version: is 9/u],
  ];
  test.each(bad)("refuses %s: exit 2, nothing on stdout, file and line on stderr", async (name, content, message) => {
    const path = file(`${name.replaceAll(" ", "-")}.jsonl`, content);
    const { code, stdout, stderr } = await runCommand(command, [path]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).toContain(path);
    expect(stderr.trim().split("\n").length).toBe(1);
  });

  test("names every refused file and prints nothing about the good ones", async () => {
    const good = file("good.jsonl", chain);
    const one = file("one.jsonl", "{}");
    const { code, stdout, stderr } = await runCommand(command, [good, one, join(dir, "absent"), dir]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.trim().split("\n").length).toBe(3);
    expect(stderr).toContain("absent: no such file");
  });
});
