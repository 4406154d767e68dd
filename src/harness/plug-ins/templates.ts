/** Kinds that `reuselab new` writes. */
export const templateKinds = ["planner", "materializer", "workload"] as const;
export type TemplateKind = (typeof templateKinds)[number];

/** Source of a new plug-in: runs as it is, needs nothing installed beside it. */
export function plugInSource(kind: TemplateKind, id: string): string {
  return { planner: plannerSource, materializer: materializerSource, workload: workloadSource }[kind](id);
}

function plannerSource(id: string): string {
  return `import type { ReusePlan, ReusePlanner, ReuseProblem } from "reuselab";

// States of a node in a plan.
const PRUNE = 0;
const COMPUTE = 1;
const LOAD = 2;

/**
 * ${id}: says what it does and where it comes from.
 *
 * A problem is arrays: nodes 0 … n−1 in topological order, the parents of i are parentIds[parentOffsets[i] … parentOffsets[i + 1]),
 * computeUs and loadUs are whole microseconds, and a loadUs of Infinity means "not stored".
 * A plan must compute or load every output, and a computed node's parents may not be pruned.
 */
const planner: ReusePlanner = {
  id: "${id}",
  title: "${id}",
  complexity: "O(V + E)",
  plan(problem: ReuseProblem): ReusePlan {
    const { nodeCount, parentOffsets, parentIds, computeUs, loadUs, outputs } = problem;

    // Forward: the cheapest way to have each node, inputs included (a shared ancestor is counted once per path).
    const recreateUs = new Float64Array(nodeCount);
    for (let i = 0; i < nodeCount; i++) {
      let us = computeUs[i] ?? 0;
      for (let e = parentOffsets[i] ?? 0; e < (parentOffsets[i + 1] ?? 0); e++) us += recreateUs[parentIds[e] ?? 0] ?? 0;
      recreateUs[i] = Math.min(us, loadUs[i] ?? Infinity);
    }

    // Backward from the outputs: load what was cheaper to load, else compute it and need its parents.
    const states = new Uint8Array(nodeCount).fill(PRUNE);
    const isNeeded = new Uint8Array(nodeCount);
    for (const output of outputs) isNeeded[output] = 1;
    let costUs = 0;
    for (let i = nodeCount - 1; i >= 0; i--) {
      if (isNeeded[i] === 0) continue;
      const isLoaded = (loadUs[i] ?? Infinity) <= (recreateUs[i] ?? 0) && loadUs[i] !== Infinity;
      states[i] = isLoaded ? LOAD : COMPUTE;
      costUs += (isLoaded ? loadUs[i] : computeUs[i]) ?? 0;
      if (isLoaded) continue;
      for (let e = parentOffsets[i] ?? 0; e < (parentOffsets[i + 1] ?? 0); e++) isNeeded[parentIds[e] ?? 0] = 1;
    }
    return { states, costUs };
  },
};

export default planner;
`;
}

function materializerSource(id: string): string {
  return `import type { FinishedResult, OnlineMaterializer, StorageView } from "reuselab";

/**
 * ${id}: says what it keeps and where the rule comes from.
 *
 * keep() is asked about every result that was just computed, in order; what it says yes to is written and charged.
 * It must say no to what does not fit in storage.freeBytes. Times are microseconds, sizes bytes.
 */
const materializer: OnlineMaterializer = {
  id: "${id}",
  title: "${id}",
  kind: "online",
  decideAt: "finish", // or "scope": when the last child to be computed in this iteration is done
  keep(result: FinishedResult, storage: StorageView): boolean {
    const saves = recreationUs(result) > result.writeUs + result.loadUs;
    return saves && result.sizeBytes <= storage.freeBytes;
  },
};

/** Time to have the result again with nothing stored: its own and every ancestor's compute cost, each once. */
function recreationUs({ workflow, index, computeUs }: FinishedResult): number {
  const { parentOffsets, parentIds } = workflow;
  const seen = new Set<number>();
  const open = [index];
  let us = computeUs;
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    for (let e = parentOffsets[i] ?? 0; e < (parentOffsets[i + 1] ?? 0); e++) {
      const parent = parentIds[e] ?? 0;
      if (seen.has(parent)) continue;
      seen.add(parent);
      us += workflow.computeUs[parent] ?? 0;
      open.push(parent);
    }
  }
  return us;
}

export default materializer;
`;
}

function workloadSource(id: string): string {
  return `import type { SourceOp, Workload } from "reuselab";
import { adultColumns, editVersion, flattenEdits, workflow } from "reuselab/workloads";

/** ${id}: a first version and a few edits of it, run one after the other. */
const workload: Workload = {
  id: "${id}",
  title: "${id}",
  domain: "social-sciences",
  dataset: "census",
  versions(data) {
    const first = workflow((w) => {
      const rows = w.scan("rows", w.source("data", data.sources["census"] as SourceOp), { format: "csv", columns: adultColumns });
      const target = w.field("target", rows, "income", "categorical", { trimSuffix: "." });
      const age = w.field("age", rows, "age", "numeric");
      const ageBucket = w.bucketise("ageBucket", age, [25, 35, 45, 55, 65]);
      const edu = w.field("edu", rows, "education", "categorical");
      const income = w.assemble("income", rows, [ageBucket, edu], { label: target, positive: ">50K" });
      const model = w.learner("model", income, { model: "logistic-regression", l2: 0.1, maxIterations: 50 });
      const predictions = w.predictions("predictions", model, income);
      w.output(w.reducer("checked", predictions, { metric: "accuracy", split: "test" }));
    });
    return flattenEdits({
      first,
      runs: [
        { edit: { label: "coarser ages", changeType: "dpr", apply: (v) => editVersion(v, (w) => w.set("ageBucket", "bucketise", { edges: [30, 50] })) } },
        { edit: { label: "less regularization", changeType: "li", apply: (v) => editVersion(v, (w) => w.set("model", "learn", { l2: 0.01 })) } },
        { edit: { label: "another metric", changeType: "ppr", apply: (v) => editVersion(v, (w) => w.set("checked", "reduce", { metric: "auc" })) } },
      ],
    });
  },
};

export default workload;
`;
}

/** README beside a new plug-in. */
export function plugInReadme(kind: TemplateKind, id: string): string {
  const file = `./${id}.ts`;
  const use: Readonly<Record<TemplateKind, readonly string[]>> = {
    planner: [`reuselab run arena --quick --plugin ${file}`, `reuselab compare ${id} max-flow --plugin ${file}`],
    materializer: [
      `reuselab run arena --quick --plugin ${file}`,
      `reuselab compare ${id} helix-online --plugin ${file}`,
    ],
    workload: [`reuselab execute ${id} --executor duckdb --system helix,keystoneml --plugin ${file}`],
  };
  return `# ${id}

A ${kind} for reuselab, in one file: \`${id}.ts\`. Nothing has to be installed here.

\`\`\`sh
reuselab conform ${file}
${use[kind].join("\n")}
\`\`\`

\`conform\` checks the contract every ${kind} must keep and prints the smallest counter-example of what fails.${
    kind === "workload"
      ? ""
      : `
Parameters: \`import { z } from "zod"\` and give \`params: z.object({ alpha: z.number().default(0.5) })\`; they arrive as the last
argument, and \`--param ${id}.alpha=0.3\` sets them.`
  }
`;
}
