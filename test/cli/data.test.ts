import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { command } from "../../src/cli/data.ts";
import { runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "reuselab-cli-data-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("reuselab data", () => {
  test("list names every data set", async () => {
    const { code, stdout } = await runCommand(command, ["list"], { format: "json" });
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { id: string }[]).map(({ id }) => id)).toContain("census");
  });

  test("generate writes files that check accepts, with the same fingerprint", async () => {
    const made = await runCommand(command, ["generate", "census"], { scale: "0.01x", out: folder, format: "json" });
    expect(made.stderr).toBe("");
    const checked = await runCommand(command, ["check", "census"], { data: folder, format: "json" });
    const [a] = JSON.parse(made.stdout) as { fingerprint: string; rows: number }[];
    const [b] = JSON.parse(checked.stdout) as { fingerprint: string; rows: number }[];
    expect(a?.rows).toBe(326 + 163);
    expect(b?.rows).toBe(a?.rows);
    expect(b?.fingerprint).toBe(a?.fingerprint);
  });

  test.each([
    ["an unknown action", ["fecth"], {}, 'data "fecth": is no action; expected fetch'],
    ["an unknown data set", ["generate", "cenus"], {}, "expected one of census"],
    ["a scale that is no number", ["generate", "census"], { scale: "ten" }, '--scale "ten"'],
    ["a scale of nothing", ["generate", "census"], { scale: "0" }, "scale 0: is not usable"],
    ["a seed that is no number", ["generate", "census"], { seed: "-1" }, '--seed "-1"'],
    ["a check of nothing", ["check", "census"], {}, "--data is missing"],
    ["a folder that is not there", ["check", "census"], { data: join(folder, "nowhere") }, "adult.data: is not there"],
  ])("%s is exit 2 with one message and nothing on stdout", async (_what, positionals, values, message) => {
    const { code, stdout, stderr } = await runCommand(command, positionals, values);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test("malformed files are exit 2 with file, line and field", async () => {
    writeFileSync(join(folder, "adult.data"), "39, State-gov, x\n");
    const { code, stderr } = await runCommand(command, ["check", "census"], { data: folder });
    expect(code).toBe(2);
    expect(stderr).toContain(`${join(folder, "adult.data")}:1: has 3 fields; expected 15`);
  });

  test("a download that fails is exit 3", async () => {
    const { code, stderr } = await runCommand(command, ["fetch", "census"], {
      baseUrl: "http://127.0.0.1:1/",
      out: folder,
    });
    expect(code).toBe(3);
    expect(stderr).toContain("cannot be reached");
  });
});
