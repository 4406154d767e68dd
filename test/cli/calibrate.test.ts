import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command } from "../../src/cli/calibrate.ts";
import { command as validate } from "../../src/cli/validate.ts";
import { readStorageModel } from "../../src/traces/read-storage-model.ts";
import { runCommand } from "./run-command.ts";

const chain = new URL("../golden/traces/chain.jsonl", import.meta.url).pathname;
const diamond = new URL("../golden/traces/diamond.jsonl", import.meta.url).pathname;
const random = new URL("../golden/traces/nondeterministic.jsonl", import.meta.url).pathname;

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "calibrate-"));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe("calibrate", () => {
  test("prints coefficients and quality of every fit, and writes a file that simulate and validate read", async () => {
    const out = join(dir, "models.json");
    const { code, stdout, stderr } = await runCommand(command, [chain, diamond], { out });
    expect({ code, stderr }).toEqual({ code: 0, stderr: `wrote ${out}\n` });
    expect(stdout.split("\n")[0]).toMatch(
      /^model +direction +samples +baseUs +usPerByte +usPerMemoryByte +r2 +medianRelativeError$/u,
    );
    expect(stdout).toMatch(/^paper\/cold +load +10 /mu);
    expect(stdout).toMatch(/^unknown\/cold +load +3 +7 +0 +0/mu);
    expect(readFileSync(out, "utf8")).toContain('"format": "reuselab.storage-model"');
    expect((await readStorageModel(out, { executor: "unknown" })).loadUs(700, 0)).toBe(7);
    const checked = await runCommand(validate, [out]);
    expect(checked).toMatchObject({ code: 0, stdout: `${out}: OK, calibration, 2 models\n` });
  });

  test("without measured times there is nothing to fit: exit 2", async () => {
    const { code, stdout, stderr } = await runCommand(command, [random]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("holds no measured loadUs");
  });
});
