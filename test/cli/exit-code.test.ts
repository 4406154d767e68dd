import { existsSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { exitCodeOf, messageOf } from "../../src/cli/exit-code.ts";
import { UsageError } from "../../src/core/errors.ts";

function thrownBy(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("an error that ends a command", () => {
  test.skipIf(!existsSync("/dev/full"))("is said to be a full disk, with exit code 3, where it is one", () => {
    const error = thrownBy(() => writeFileSync("/dev/full", "x"));
    expect(exitCodeOf(error)).toBe(3);
    expect(messageOf(error)).toMatch(/^reuselab: .*cannot be written, the disk is full \(ENOSPC\); make room/u);
  });

  test("is bad input, with exit code 2, where a path is wrong; the message names it", () => {
    const error = thrownBy(() => writeFileSync("/nowhere/at/all", "x"));
    expect(exitCodeOf(error)).toBe(2);
    expect(messageOf(error)).toContain("/nowhere/at/all");
  });

  test("shows a stack only where it is a bug", () => {
    expect(messageOf(new UsageError("size 5: is bare"))).toBe("reuselab: size 5: is bare");
    const bug = thrownBy(() => void (undefined as unknown as { a: { b: number } }).a.b);
    expect(exitCodeOf(bug)).toBe(1);
    expect(messageOf(bug)).toContain("exit-code.test.ts");
  });
});
