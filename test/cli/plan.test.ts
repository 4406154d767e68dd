import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exitCodeOf, messageOf } from "../../src/cli/exit-code.ts";
import { command } from "../../src/cli/plan.ts";

const folder = mkdtempSync(join(tmpdir(), "reuselab-plan-"));

function fileOf(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const problem = (more: object = {}): object => ({
  format: "reuselab.problem",
  version: 1,
  nodes: [
    { id: "a", parents: [], computeUs: 10, loadUs: null },
    { id: "b", parents: ["a"], computeUs: 5, loadUs: 3 },
  ],
  outputs: ["b"],
  ...more,
});
const wide = (n: number): object =>
  problem({
    nodes: Array.from({ length: n }, (_, v) => ({ id: `${v}`, parents: [], computeUs: 1, loadUs: null })),
    outputs: ["0"],
  });
const onePlan = '{"planner":"max-flow","costUs":3,"states":{"a":"prune","b":"load"}}\n';

async function run(
  file: string,
  values: Record<string, string | boolean | readonly string[]>,
  stdin: AsyncIterable<string> = none(),
): Promise<{ code: number; stdout: string; message: string }> {
  let stdout = "";
  try {
    const code = await command.run(
      { values: { planner: "max-flow", format: "json", ...values }, positionals: [file] },
      {
        stdout: (text) => void (stdout += text),
        stderr: () => {},
        stdin,
        env: {},
        signal: new AbortController().signal,
        isTerminal: false,
      },
    );
    return { code, stdout, message: "" };
  } catch (error) {
    return { code: exitCodeOf(error), stdout, message: messageOf(error) };
  }
}

async function* none(): AsyncGenerator<string> {}

describe("plan", () => {
  test("one problem on one line, over several lines, and from stdin in odd chunks give the same plan", async () => {
    const text = JSON.stringify(problem(), null, 2);
    async function* chunks(): AsyncGenerator<string> {
      for (let i = 0; i < text.length; i += 7) yield text.slice(i, i + 7);
    }
    expect(await run(fileOf("one.json", JSON.stringify(problem())), {})).toEqual({
      code: 0,
      stdout: onePlan,
      message: "",
    });
    expect(await run(fileOf("pretty.json", `\n\n${text}\n`), {})).toEqual({ code: 0, stdout: onePlan, message: "" });
    expect(await run("-", {}, chunks())).toEqual({ code: 0, stdout: onePlan, message: "" });
  });

  test("JSON Lines give one plan per line in order; a bad line stops with exit 2 and its number, plans before it stand", async () => {
    const lines = [problem(), problem({ outputs: ["a"] }), problem({ outputs: ["z"] }), problem()];
    const { code, stdout, message } = await run(
      fileOf("some.jsonl", lines.map((line) => JSON.stringify(line)).join("\n")),
      {},
    );
    expect(code).toBe(2);
    expect(stdout).toBe(`${onePlan}{"planner":"max-flow","costUs":10,"states":{"a":"compute","b":"prune"}}\n`);
    expect(message).toMatch(/some\.jsonl:3: outputs: node "z" is unknown/u);
    expect(message).not.toContain("    at ");
  });

  test("a first line that is cut short is named as line 1, not taken for a document over several lines", async () => {
    const file = fileOf("cut.jsonl", `${JSON.stringify(problem()).slice(0, 60)}\n${JSON.stringify(problem())}\n`);
    const { code, stdout, message } = await run(file, {});
    expect([code, stdout]).toEqual([2, ""]);
    expect(message).toMatch(/cut\.jsonl:1: is not JSON/u);
  });

  test("20,000 lines stream: plans come out before the input ends", async () => {
    const line = `${JSON.stringify(problem())}\n`;
    let planned = 0;
    let plannedBeforeEnd = 0;
    async function* input(): AsyncGenerator<string> {
      for (let i = 0; i < 200; i++) yield line.repeat(100);
      plannedBeforeEnd = planned;
    }
    const code = await command.run(
      { values: { planner: "max-flow", format: "json" }, positionals: ["-"] },
      {
        stdout: () => void planned++,
        stderr: () => {},
        stdin: input(),
        env: {},
        signal: new AbortController().signal,
        isTerminal: false,
      },
    );
    expect(code).toBe(0);
    expect(planned).toBe(20_000);
    expect(plannedBeforeEnd).toBeGreaterThan(19_000);
  });

  test("what cannot be planned is exit 2 with one message and nothing on stdout", async () => {
    const good = fileOf("good.json", JSON.stringify(problem()));
    const cases: [string, Record<string, string | readonly string[]>, RegExp][] = [
      [good, { planner: "max-flo" }, /unknown planner "max-flo"; nearest: max-flow, /u],
      [good, { planner: "linear" }, /nearest: linear-pass/u],
      [join(folder, "missing.json"), {}, /missing\.json: cannot be read \(ENOENT/u],
      [folder, {}, /cannot be read \(EISDIR/u],
      [fileOf("empty.json", ""), {}, /empty\.json:1: is empty/u],
      [fileOf("empty.jsonl", "\n\n"), { format: "csv" }, /is empty/u],
      [fileOf("not.json", "hello"), { format: "csv" }, /not\.json:1: is not JSON/u],
      [fileOf("wide.json", JSON.stringify(wide(13))), { planner: "brute-force" }, /wide\.json:1: .*at most 12/u],
      [fileOf("wider.json", JSON.stringify(wide(31))), { planner: "lp" }, /at most 30/u],
      [
        fileOf("widest.json", JSON.stringify(wide(2_001))),
        { planner: "max-flow-edmonds-karp" },
        /2001 nodes; it takes at most 2000/u,
      ],
      [good, { param: ["factor=2"] }, /--param factor: max-flow has no such parameter; it has none/u],
      [good, { planner: "load-all", param: ["behin=true"] }, /nearest: behind/u],
      [good, { planner: "load-all", param: ["behind=7"] }, /--param behind: /u],
      [good, { planner: "load-all", param: ["behind"] }, /expected key=value/u],
    ];
    for (const [file, values, expected] of cases) {
      const { code, stdout, message } = await run(file, values);
      expect([code, stdout]).toEqual([2, ""]);
      expect(message).toMatch(expected);
      expect(message).not.toContain("    at ");
    }
  });

  test("tables show one problem by node and several by problem; csv and markdown quote what they must", async () => {
    const one = fileOf("one.json", JSON.stringify(problem()));
    const two = fileOf("two.jsonl", `${JSON.stringify(problem())}\n${JSON.stringify(problem())}\n`);
    expect((await run(one, { format: "table" })).stdout).toBe(
      "planner max-flow, cost 3 us\nnode  state    costUs\n----  -------  ------\na     prune         0\nb     load          3\n",
    );
    expect((await run(two, { format: "table" })).stdout.split("\n").length).toBe(6);
    const odd = fileOf(
      "odd.json",
      JSON.stringify(problem({ nodes: [{ id: 'a,|"', parents: [], computeUs: 1, loadUs: null }], outputs: ['a,|"'] })),
    );
    expect((await run(odd, { format: "csv" })).stdout).toBe(
      'problem,planner,node,state,costUs\n1,max-flow,"a,|""",compute,1\n',
    );
    expect((await run(odd, { format: "md" })).stdout).toContain('a,\\|"');
  });

  test("a certificate proves the plan on the compact network", async () => {
    const one = fileOf("one.json", JSON.stringify(problem()));
    expect((await run(one, { planner: "exact", certificate: true })).stdout).toBe(
      '{"planner":"exact","costUs":3,"states":{"a":"prune","b":"load"},"certificate":{"value":3,"flow":[["s","x:b",3],["x:b","y:b",3],["y:b","t",3]]}}\n',
    );
    expect((await run(one, { planner: "linear-pass", certificate: true })).message).toMatch(/only exact planners/u);
    expect((await run(one, { format: "csv", certificate: true })).message).toMatch(/--format json/u);
  });

  test("parameters reach the planner", async () => {
    const chain = problem({
      nodes: [
        { id: "a", parents: [], computeUs: 10, loadUs: 7 },
        { id: "b", parents: ["a"], computeUs: 5, loadUs: 3 },
      ],
    });
    const file = fileOf("chain.json", JSON.stringify(chain));
    expect((await run(file, { planner: "load-all" })).stdout).toContain('"costUs":3');
    expect((await run(file, { planner: "load-all", param: ["behind=true"] })).stdout).toContain('"costUs":10');
  });
});

test("text that is not UTF-8 and numbers beyond all bounds are named; plans before them stand", async () => {
  const good = JSON.stringify(problem());
  const bytes = Buffer.concat([
    Buffer.from(`${good}\r\n\r\n${good}\n{"x":"`),
    Buffer.from([0xff]),
    Buffer.from('"}\n'),
  ]);
  const path = join(folder, "latin.jsonl");
  writeFileSync(path, bytes);
  const latin = await run(path, { planner: "max-flow", format: "json" });
  expect([latin.code, latin.stdout]).toEqual([2, onePlan + onePlan]);
  expect(latin.message).toContain("latin.jsonl:4: is not UTF-8 text");
  const beyond = await run(fileOf("beyond.json", good.replace("10", "1e999")), { planner: "max-flow" });
  expect([beyond.code, beyond.stdout]).toEqual([2, ""]);
  expect(beyond.message).toContain("beyond.json:1: nodes[0].computeUs: is Infinity; expected");
});
