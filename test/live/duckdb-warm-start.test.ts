import { describe, expect, it } from "vitest";
import { pairSystem, systems } from "../../src/baselines/index.ts";
import type { SourceOp } from "../../src/core/operators.ts";
import type { SystemSpec } from "../../src/core/system.ts";
import { prepareDataset } from "../../src/harness/datasets/index.ts";
import { type ExecutionOutcome, executeCell } from "../../src/harness/execution/execute-cell.ts";
import { readExperimentGraph } from "../../src/harness/experiment-graph-file.ts";
import { censusWorkflow } from "../../src/workloads/census/workflow.ts";
import { editVersion } from "../../src/workloads/dsl.ts";
import { flattenEdits } from "../../src/workloads/edits.ts";
import type { WorkflowVersion } from "../../src/core/workflow.ts";
import { inFolder } from "./duckdb-support.ts";

const learner = (l2: number, isOptedIn: boolean) => (version: WorkflowVersion) =>
  editVersion(version, (w) => {
    const model = { model: "logistic-regression", l2, maxIterations: 300 } as const;
    w.set("incPred", "learn", { ...model, warmStart: isOptedIn });
  });

describe("warm start on DuckDB", () => {
  it("starts from the best stored model of the type over the same input, saves iterations, ends in the same minimum", async () => {
    await inFolder(async (folder) => {
      const data = await prepareDataset("census", { scale: 0.02, cacheDir: folder });
      const first = censusWorkflow(data.sources["census"] as SourceOp);
      const versions = flattenEdits({
        first,
        runs: [
          { edit: { label: "10", changeType: "li", apply: learner(10, true) } },
          { edit: { label: "9", changeType: "li", apply: learner(9, true) } },
          { edit: { label: "8, not opted in", changeType: "li", apply: learner(8, false) } },
        ],
      });
      const run = (system: SystemSpec, out: string): Promise<ExecutionOutcome> =>
        executeCell({
          workload: "census",
          dataTitle: data.title,
          versions,
          executor: "duckdb",
          system,
          budgetBytes: null,
          seed: 1,
          profile: "hot",
          out: `${folder}/${out}`,
        });
      const warm: SystemSpec = {
        ...systems["collab-utility"],
        id: "warm",
        switches: { ...systems["collab-utility"].switches, warmStart: true },
      };
      const withIt = await run(warm, "a");
      const without = await run(pairSystem("compute-all", "never"), "b");
      expect(withIt.failure).toBeUndefined();
      const learned = (outcome: ExecutionOutcome) =>
        outcome.executed.map(({ report }) => report.nodes.find(({ node }) => node.id === "incPred")!);
      const signatures = versions.map(({ nodes }) => nodes.find(({ id }) => id === "incPred")!.signature);
      const graph = await readExperimentGraph(`${withIt.folder}/graph-4.jsonl`);
      const quality = (i: number): number => graph.quality(graph.idOf(signatures[i]!)!)!;
      const best = quality(1) > quality(0) ? 1 : 0;
      expect(learned(withIt).map(({ startedFrom }) => startedFrom)).toEqual([
        undefined,
        signatures[0],
        signatures[best],
        undefined,
      ]);
      const iterations = (outcome: ExecutionOutcome): readonly number[] =>
        learned(outcome).map((node) => node.learnerIterations!);
      expect(iterations(withIt)[2]).toBeLessThan(iterations(without)[2]!);
      expect(iterations(withIt)[3]).toBe(iterations(without)[3]);
      for (const [i, values] of withIt.metrics.entries())
        for (const [name, value] of Object.entries(values)) expect(value).toBeCloseTo(without.metrics[i]![name]!, 2);
      // Quality of real runs is what the reducer measured.
      expect(quality(2)).toBe(withIt.metrics[2]!["checked.accuracy"]);
    });
  });
});
