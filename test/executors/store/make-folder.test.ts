import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { makeFolder } from "../../../src/executors/store/make-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "reuselab-make-folder-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("makeFolder", () => {
  test("makes what is missing, and is content with what is there", () => {
    const path = join(folder, "a", "b", "c");
    makeFolder(path);
    makeFolder(path);
    expect(statSync(path).isDirectory()).toBe(true);
  });

  test("a file in the way is an error, as the last part and above it", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    expect(() => makeFolder(file)).toThrow(expect.objectContaining({ code: "EEXIST" }));
    expect(() => makeFolder(join(file, "below"))).toThrow(expect.objectContaining({ code: "ENOTDIR" }));
  });

  test.runIf(process.platform === "linux")("ends where the system denies a folder as not found", () => {
    expect(() => makeFolder("/proc/none/below")).toThrow(expect.objectContaining({ code: "ENOENT" }));
  });
});
