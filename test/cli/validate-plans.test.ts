import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Command } from "../../src/cli/command.ts";
import { exitCodeOf, messageOf } from "../../src/cli/exit-code.ts";
import { command as plan } from "../../src/cli/plan.ts";
import { command as validate } from "../../src/cli/validate.ts";
import { problemToJson } from "../../src/core/problem-format.ts";
import { drawProblem } from "../../src/workloads/synthetic/families.ts";

const folder = mkdtempSync(join(tmpdir(), "reuselab-validate-"));
const problems = join(folder, "problems.jsonl");
const plans = join(folder, "plans.jsonl");

async function run(
  command: Command,
  file: string,
  values: Record<string, string | boolean>,
): Promise<{ code: number; stdout: string; message: string }> {
  let stdout = "";
  let message = "";
  try {
    const code = await command.run(
      { values: { format: "json", ...values }, positionals: [file] },
      {
        stdout: (text) => void (stdout += text),
        stderr: (text) => void (message += text),
        stdin: (async function* () {})(),
        env: {},
        signal: new AbortController().signal,
        isTerminal: false,
      },
    );
    return { code, stdout, message };
  } catch (error) {
    return { code: exitCodeOf(error), stdout, message: messageOf(error) };
  }
}

test("plans printed with certificates are proved; what is changed in them is refused by line and field", async () => {
  const drawn = [0, 1, 2].map((k) => drawProblem("layered", 6, k, { nodes: 60 }));
  writeFileSync(
    problems,
    drawn
      .map(
        (problem) =>
          `${problemToJson({ problem, ids: Array.from({ length: problem.nodeCount }, (_, v) => `n${v}`) })}\n`,
      )
      .join(""),
  );
  const { stdout } = await run(plan, problems, { planner: "exact", certificate: true });
  writeFileSync(plans, stdout);
  expect(await run(validate, plans, { problems })).toEqual({
    code: 0,
    stdout: `${JSON.stringify([{ file: plans, kind: "plans", plans: 3, proved: 3, ok: true }])}\n`,
    message: "",
  });

  const lines = stdout.trimEnd().split("\n");
  const second = JSON.parse(lines[1]!) as {
    costUs: number;
    states: Record<string, string>;
    certificate: { value: number; flow: [string, string, number][] };
  };
  const cases: [(changed: typeof second) => void, RegExp][] = [
    [(changed) => changed.costUs++, /:2: exact: costUs is \d+ but the states cost/u],
    [(changed) => delete changed.states["n3"], /:2: states\.n3: is missing/u],
    [(changed) => (changed.states["n3"] = "skip"), /:2: states\.n3: is "skip"; expected "prune"/u],
    [(changed) => (changed.states["zz"] = "load"), /:2: states\.zz: is no node of the problem/u],
    [(changed) => (changed.states["n49"] = "prune"), /:2: exact: node/u],
    [(changed) => changed.certificate.value--, /:2: certificate: the flow's value is/u],
    [(changed) => changed.certificate.flow[0]![2]++, /:2: certificate: /u],
    [(changed) => changed.certificate.flow.push(["y:n0", "s", 1]), /:2: certificate\.flow: .* is no arc/u],
    [(changed) => changed.certificate.flow.push(["y:n0", "t", 0.5]), /:2: certificate\.flow\[\d+\]: is /u],
  ];
  for (const [change, expected] of cases) {
    const changed = structuredClone(second);
    change(changed);
    writeFileSync(plans, [lines[0], JSON.stringify(changed), lines[2]].join("\n"));
    const { code, stdout: shown, message } = await run(validate, plans, { problems });
    expect([code, shown]).toEqual([2, ""]);
    expect(message).toMatch(expected);
  }
  writeFileSync(plans, lines.slice(0, 2).join("\n"));
  expect((await run(validate, plans, { problems })).message).toMatch(/ends after 2 plans/u);
  writeFileSync(plans, [...lines, lines[0]].join("\n"));
  expect((await run(validate, plans, { problems })).message).toMatch(/:4: has more plans than there are problems/u);
});
