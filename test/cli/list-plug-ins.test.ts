import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { command as describeCommand } from "../../src/cli/describe.ts";
import { command as listCommand } from "../../src/cli/list.ts";
import { runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "reuselab-list-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, "mine.ts");
writeFileSync(
  file,
  `import { z } from "zod";
export default {
  id: "mine", title: "Mine", complexity: "O(V)", needs: ["columns"],
  params: z.object({ alpha: z.number().default(0.5) }),
  plan: () => { throw new Error("not asked for"); },
};`,
);

test("list shows a planner of one's own after the built-in ones", async () => {
  const { stdout } = await runCommand(listCommand, ["planners"], { plugin: [file], format: "json" });
  expect((JSON.parse(stdout) as { id: string }[]).at(-1)?.id).toBe("mine");
});

test("describe shows its needs, its parameters and their defaults", async () => {
  const { stdout } = await runCommand(describeCommand, ["mine"], { plugin: [file], format: "json" });
  expect(JSON.parse(stdout)).toMatchObject({
    is: "planner",
    id: "mine",
    needs: ["columns"],
    params: { alpha: { type: "number", default: 0.5 } },
  });
});
