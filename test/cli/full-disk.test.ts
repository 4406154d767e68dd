import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { command as run } from "../../src/cli/run.ts";
import { readCells } from "../../src/harness/cells.ts";
import { writeModelTraces } from "../experiments/model-traces.ts";
import { runCommand, type CommandOutcome } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "reuselab-full-disk-"));
const disk = mkdtempSync(join(tmpdir(), "reuselab-disk-"));
const traces = writeModelTraces(join(folder, "traces"));

/** True if a disk of one MiB could be mounted; it takes root. */
const isMounted = ((): boolean => {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], { stdio: "ignore" });
    return true;
  } catch {
    process.stderr.write(
      "left out: results on a full and on a read-only disk, for want of a disk that may be mounted\n",
    );
    return false;
  }
})();

afterAll(() => {
  if (isMounted) execFileSync("umount", [disk]);
  rmSync(folder, { recursive: true, force: true });
  rmSync(disk, { recursive: true, force: true });
});

const arena = async (out: string, ...more: readonly string[]): Promise<CommandOutcome> =>
  runCommand(run, ["arena"], {
    traces,
    out,
    quick: true,
    filter: ["trace=ie@judged", "tuning=defaults", ...more],
    format: "json",
  });

test.skipIf(!isMounted)(
  "a disk that fills up ends the run with a message; the next run keeps what was finished",
  async () => {
    const first = await arena(disk, "system=helix");
    expect(first.code).toBe(0);
    const cells = join(disk, "arena", "cells.jsonl");
    const finished = readCells(cells).cells.size;
    expect(finished).toBeGreaterThan(0);
    const ballast = join(disk, "ballast");
    writeFileSync(ballast, "");
    expect(() => {
      for (;;) appendFileSync(ballast, Buffer.alloc(4096));
    }).toThrow(/ENOSPC/u);
    const full = await arena(disk);
    expect(full.code).toBe(3);
    expect(full.stderr).toMatch(/no space|ENOSPC|full/iu);
    rmSync(ballast);
    expect(readCells(cells).cells.size).toBeGreaterThanOrEqual(finished);
    expect((await arena(disk)).code).toBe(0);
  },
);

test.skipIf(!isMounted)("a disk that cannot be written to is named; nothing is run", async () => {
  execFileSync("mount", ["-o", "remount,ro", disk]);
  const outcome = await arena(join(disk, "more"));
  expect(outcome).toMatchObject({ code: 2, stdout: "" });
  expect(outcome.stderr).toContain(disk);
  expect(outcome.stderr).toMatch(/EROFS|read-only|written/iu);
});
