/** Short ways to write workflow versions in tests. */
import type { TraceIteration, TraceNode } from "../../src/core/iteration.ts";
import type { Materializer } from "../../src/core/materializer.ts";
import type { SystemSpec } from "../../src/core/system.ts";
import type { Switches } from "../../src/core/system.ts";
import { pairSystem } from "../../src/baselines/index.ts";
import { materializerById } from "../../src/algorithms/materialize/index.ts";
import { reusePlannerById } from "../../src/algorithms/reuse/index.ts";
import { simulatedExecutor } from "../../src/executors/simulated/simulated-executor.ts";
import { runLoop, type LoopOptions, type RunOutcome } from "../../src/simulator/loop.ts";

/** A node: `"id:signature"` (the signature is the id without one), parents by id, costs. */
export function node(name: string, parents: string, computeUs: number, more: Partial<TraceNode> = {}): TraceNode {
  const [id = "", signature = id] = name.split(":");
  return {
    id,
    op: id,
    signature,
    parents: parents === "" ? [] : parents.split(" "),
    computeUs,
    sizeBytes: 1,
    loadUs: 1,
    writeUs: 1,
    ...more,
  };
}

/** Versions in order; every one but the first is a `dpr` change. */
export function versions(...lists: readonly (readonly TraceNode[])[]): TraceIteration[] {
  return lists.map((nodes, iteration) => ({ iteration, changeType: iteration === 0 ? "initial" : "dpr", nodes }));
}

/** Runs versions under a planner × materializer pair on the simulated executor, or whatever `more` says. */
export async function runPair(
  iterations: LoopOptions["iterations"],
  pair: `${string}+${string}`,
  switches: Partial<Switches> = {},
  more: Partial<LoopOptions> = {},
): Promise<RunOutcome> {
  const [planner = "", materializer = ""] = pair.split("+");
  const base: SystemSpec = pairSystem(planner, materializer);
  return runLoop({
    iterations,
    trace: "test",
    system: { ...base, switches: { ...base.switches, ...switches } },
    planner: reusePlannerById(planner)!,
    materializer: materializerById(materializer) as Materializer,
    executor: simulatedExecutor(),
    ...more,
  });
}
