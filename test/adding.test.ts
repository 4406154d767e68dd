import { readFileSync } from "node:fs";
import { compileFunction } from "node:vm";
import { transform } from "esbuild";
import { expect, test } from "vitest";
import type { Executor } from "../src/core/executor.ts";
import type { Materializer } from "../src/core/materializer.ts";
import type { ReusePlanner } from "../src/core/plug-in.ts";
import * as ownExperiments from "../experiments/public.ts";
import * as simulator from "../src/simulator/index.ts";
import { executorContract, experimentContract, materializerContract, plannerContract } from "../src/testing/index.ts";
import { node, versions } from "./support/sequences.ts";

/** The first example under a heading of docs/adding.md, as a module. */
async function exampleOf(heading: string): Promise<Readonly<Record<string, unknown>>> {
  const text = readFileSync("docs/adding.md", "utf8");
  const at = text.indexOf(`\n## ${heading}\n`);
  const [, code = ""] = /```ts\n([^]*?)```/u.exec(text.slice(at)) ?? [];
  if (at < 0) throw new Error(`docs/adding.md has no heading "${heading}"`);
  const { code: script } = await transform(code, { loader: "ts", format: "cjs" });
  const module: { exports: Record<string, unknown> } = { exports: {} };
  const modules: Readonly<Record<string, object>> = {
    "reuselab/simulator": simulator,
    "reuselab/experiments": ownExperiments,
  };
  const run = compileFunction(script, ["require", "module"]) as (...given: unknown[]) => void;
  run((name: string) => modules[name], module);
  return module.exports;
}

test("the planner in docs/adding.md keeps the contract", async () => {
  const planner = (await exampleOf("A planner"))["default"] as ReusePlanner;
  const checks = plannerContract(planner);
  expect(checks.length).toBeGreaterThan(3);
  for (const { check } of checks) check();
});

test("the materializer in docs/adding.md keeps the contract", async () => {
  const checks = materializerContract((await exampleOf("A materializer"))["default"] as Materializer, { runs: 20 });
  expect(checks.length).toBeGreaterThan(3);
  for (const { check } of checks) await check();
});

test("the executor in docs/adding.md keeps the contract and charges its latency", async () => {
  const open = (await exampleOf("An executor"))["remoteStore"] as (latencyUs: number) => Executor;
  const iterations = versions(
    [node("s", "", 50), node("a:a1", "s", 50), node("b:b1", "a", 50)],
    [node("s", "", 50), node("a:a1", "s", 50), node("b:b2", "a", 50)],
  );
  for (const { check } of executorContract({ id: "remote-store", open: () => open(700), iterations })) await check();
  expect(open(700).estimateLoadUs(iterations[0]!.nodes[0]!, 170, 170)).toBe(
    open(0).estimateLoadUs(iterations[0]!.nodes[0]!, 170, 170) + 700,
  );
});

test("the experiment in docs/adding.md keeps the contract; the arena may be spread into one of one's own", async () => {
  const own = (await exampleOf("An experiment"))["default"] as ownExperiments.Experiment;
  for (const { check } of experimentContract(own)) await check();
  const { arena, defineExperiment } = ownExperiments;
  const params = { ...arena.params, system: ["helix", "lower-bound"], budget: ["5%"] };
  const derived = defineExperiment({ ...arena, id: "my-arena", params, quick: {} });
  for (const { check } of experimentContract(derived)) await check();
});
