import { describe, expect, test } from "vitest";
import { reusePlannerIds } from "../../src/algorithms/reuse/index.ts";
import { systemIds } from "../../src/baselines/index.ts";
import { command as describeCommand } from "../../src/cli/describe.ts";
import { command as listCommand } from "../../src/cli/list.ts";
import { workloads } from "../../src/workloads/index.ts";
import { runCommand } from "./run-command.ts";

const kinds = ["planners", "materializers", "systems", "workloads", "executors", "experiments", "traces"];
interface Entry {
  readonly id: string;
  readonly title: string;
}

describe("reuselab list", () => {
  test("without a kind gives an object of all kinds, each an array of things with id and title", async () => {
    const { code, stdout, stderr } = await runCommand(listCommand, [], { format: "json" });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const all = JSON.parse(stdout) as Record<string, Entry[]>;
    expect(Object.keys(all)).toEqual(kinds);
    for (const entries of Object.values(all))
      for (const { id, title } of entries) expect([typeof id, typeof title]).toEqual(["string", "string"]);
    expect(all["planners"]?.map(({ id }) => id)).toEqual(reusePlannerIds);
    expect(all["systems"]?.map(({ id }) => id)).toEqual(systemIds);
    expect(all["workloads"]?.map(({ id }) => id)).toEqual(Object.keys(workloads));
    expect(all["executors"]?.map(({ id }) => id)).toEqual(["simulated", "duckdb", "spark"]);
  });

  test.each(kinds)("%s gives the same array by itself, in plural and in singular", async (kind) => {
    const whole = JSON.parse((await runCommand(listCommand, [], { format: "json" })).stdout) as Record<string, Entry[]>;
    for (const name of [kind, kind.slice(0, -1)]) {
      const { stdout } = await runCommand(listCommand, [name], { format: "json" });
      expect(JSON.parse(stdout)).toEqual(whole[kind]);
    }
  });

  test("prints a table a person can read", async () => {
    const { stdout } = await runCommand(listCommand, ["workloads"]);
    expect(stdout.split("\n")[0]).toMatch(/^id\s+title\s+domain\s+dataset\s+requires$/u);
    expect(stdout).toContain("census-branch");
  });

  test("an unknown kind is exit 2 with the nearest ones", async () => {
    const { code, stdout, stderr } = await runCommand(listCommand, ["planer"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain('kind "planer": is not known; expected planners');
  });
});

describe("reuselab describe", () => {
  test("gives the parameters with their defaults", async () => {
    const { stdout } = await runCommand(describeCommand, ["workload", "census-branch"], { format: "json" });
    expect(JSON.parse(stdout)).toMatchObject({
      is: "workload",
      id: "census-branch",
      params: { iterations: { default: 10 }, goBack: { default: 0.2, maximum: 1 } },
    });
  });

  test("the Kaggle workloads say how many artifacts they have, beside the published counts", async () => {
    const { stdout } = await runCommand(describeCommand, ["workload", "kaggle"], { format: "json" });
    const said = JSON.parse(stdout) as Record<
      string,
      { artifacts: number; inNoneBefore: number; publishedArtifacts: number }
    >;
    const counts = Array.from({ length: 8 }, (_, i) => said[`kaggle-${i + 1}`]!);
    expect(counts.map(({ publishedArtifacts }) => publishedArtifacts)).toEqual([
      397, 406, 146, 280, 402, 121, 145, 341,
    ]);
    expect(counts[0]?.inNoneBefore).toBe(counts[0]?.artifacts);
    const alone = await runCommand(describeCommand, ["workload", "kaggle-7"], { format: "json" });
    expect(JSON.parse(alone.stdout)).toMatchObject({ artifacts: counts[6] });
  });

  test("finds a thing of any kind; where several have the id, the first is shown and the others are named", async () => {
    const { stdout, stderr } = await runCommand(describeCommand, ["helix-demo"], { format: "json" });
    expect(JSON.parse(stdout)).toMatchObject({ is: "materializer", id: "helix-demo" });
    expect(stderr).toBe("also: describe systems helix-demo\n");
    expect((await runCommand(describeCommand, ["linear-pass"], { format: "json" })).stderr).toBe("");
  });

  test("an unknown id is exit 2 with the nearest ones of that kind", async () => {
    const { code, stdout, stderr } = await runCommand(describeCommand, ["planner", "liner-pass"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("linear-pass");
    expect(stderr).not.toContain("helix");
  });
});
