/**
 * How run times move with data and workers on Spark: Census under HELIX and KeystoneML with one and two executor processes of one
 * core each, at two scales (the HELIX paper's "dataset 1x/10x" and "workers"). Every row is measured.
 *
 *     tsx bench/spark/shapes.ts [--scale 1,10] [--workers 1,2] [--versions 4] [--system helix,keystoneml] [--data DIR] [--write]
 *
 * `--write` keeps the table in results/spark-shapes/README.md and the rows of all versions in rows.csv beside it.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemById } from "../../src/baselines/index.ts";
import { prepareDataset } from "../../src/harness/datasets/index.ts";
import { type EngineHost, openEngineHost } from "../../src/harness/execution/engines.ts";
import { executeCell } from "../../src/harness/execution/execute-cell.ts";
import { warmUp } from "../../src/harness/execution/warm-up.ts";
import { provenance } from "../../src/harness/provenance.ts";
import { workloadById } from "../../src/workloads/index.ts";

/** A run: seconds of each version. */
interface Run {
  readonly workers: number;
  readonly scale: number;
  readonly system: string;
  readonly changeTypes: readonly string[];
  readonly runUs: readonly number[];
}

const csvHead = "executor,master,workers,scale,system,iteration,changeType,runUs";

const { values } = parseArgs({
  options: {
    scale: { type: "string", default: "1,10" },
    workers: { type: "string", default: "1,2" },
    versions: { type: "string", default: "4" },
    system: { type: "string", default: "helix,keystoneml" },
    data: { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const workload = workloadById("census")!;
const count = Number(values.versions);
const smallest = Math.min(...values.scale.split(",").map(Number));
const dataDir = values.data === undefined ? {} : { dataDir: values.data };
const root = await mkdtemp(join(tmpdir(), "reuselab-shapes-"));
const runs: Run[] = [];
let identity = "";
try {
  for (const workers of values.workers.split(",").map(Number)) {
    const host = await openEngineHost("spark", { sparkMaster: masterOf(workers), onNote: note });
    identity = host.identity?.split(" ")[0] ?? "";
    try {
      note(`warm-up: ${((await warmUp(workload, host, "hot")) / 1e6).toFixed(1)} s`);
      // The first run pays for the code of the JVM's compiler: it is made twice, and the second one counts.
      await runOn(host, workers, smallest, values.system.split(",")[0]!, "first");
      for (const scale of values.scale.split(",").map(Number))
        for (const system of values.system.split(",")) {
          const run = await runOn(host, workers, scale, system, "counts");
          runs.push(run);
          note(rowText(run));
        }
    } finally {
      await host.close();
    }
  }
} finally {
  await rm(root, { recursive: true, force: true });
}
const text = report();
process.stdout.write(text);
if (values.write) {
  await mkdir("results/spark-shapes", { recursive: true });
  await writeFile("results/spark-shapes/README.md", text);
  await writeFile("results/spark-shapes/rows.csv", `${[csvHead, ...runs.flatMap(csvLines)].join("\n")}\n`);
}

async function runOn(host: EngineHost, workers: number, scale: number, system: string, name: string): Promise<Run> {
  const data = await prepareDataset(workload.dataset, { scale, ...dataDir });
  const { rows, failure, exclusion } = await executeCell({
    workload: workload.id,
    requires: workload.requires ?? [],
    dataTitle: data.title,
    versions: workload.versions(data, 1, {}).slice(0, count),
    executor: "spark",
    open: host.open,
    ...(host.identity === undefined ? {} : { host: host.identity }),
    system: systemById(system)!,
    budgetBytes: null,
    seed: 1,
    profile: "hot",
    out: join(root, `${workers}-${scale}-${name}`),
  });
  if (failure !== undefined) throw failure;
  if (rows.length !== count) throw new Error(`${system} ended early: ${exclusion?.reason ?? ""}`);
  return {
    workers,
    scale,
    system,
    changeTypes: rows.map(({ changeType }) => changeType),
    runUs: rows.map(({ runUs }) => runUs),
  };
}

function masterOf(workers: number): string {
  return `local-cluster[${workers},1,1024]`;
}

function csvLines({ workers, scale, system, changeTypes, runUs }: Run): readonly string[] {
  return runUs.map((us, i) =>
    ["spark", `"${masterOf(workers)}"`, workers, scale, system, i, changeTypes[i], us].join(","),
  );
}

function total({ runUs }: Run): number {
  return runUs.reduce((sum, us) => sum + us, 0);
}

function rowText(run: Run): string {
  const seconds = run.runUs.map((us) => (us / 1e6).toFixed(2));
  return `| spark | ${[run.workers, `${run.scale}x`, run.system, ...seconds, (total(run) / 1e6).toFixed(2)].join(" | ")} |`;
}

/** Quotients of the runs' totals along one axis, the others fixed. */
function ratios(axis: "workers" | "scale" | "system", title: string): readonly string[] {
  const keysOf = (run: Run): string =>
    (["workers", "scale", "system"] as const)
      .filter((name) => name !== axis)
      .map((name) =>
        name === "workers" ? `${run.workers} worker(s)` : name === "scale" ? `${run.scale}x` : run.system,
      )
      .join(", ");
  const groups = new Map<string, Run[]>();
  for (const run of runs) groups.set(keysOf(run), [...(groups.get(keysOf(run)) ?? []), run]);
  return [...groups].flatMap(([keys, [first, second]]) =>
    first === undefined || second === undefined
      ? []
      : [`| ${title} | ${keys} | ${(total(second) / total(first)).toFixed(2)} |`],
  );
}

function report(): string {
  const { cpu, cores, memoryBytes, node, commit, dirty } = provenance();
  const changes = runs[0]?.changeTypes.map((type, i) => `${i} (${type}), s`) ?? [];
  const [systemA = "", systemB = ""] = values.system.split(",");
  const [scaleA = "", scaleB = ""] = values.scale.split(",");
  const [workersA = "", workersB = ""] = values.workers.split(",");
  return `# Census on Spark with ${values.workers.replace(",", " and ")} workers, at ${values.scale.replaceAll(",", "x and ")}x

Measured, one run each. Made by \`npx tsx bench/spark/shapes.ts --scale ${values.scale} --workers ${values.workers} --versions ${count}\`;
${cpu}, ${cores} cores, ${Math.round(memoryBytes / 2 ** 30)} GiB, Node ${node}, Spark ${identity}, commit ${commit?.slice(0, 7) ?? "?"}${dirty === true ? " with changes" : ""}.
Workers are executor processes of one core and 1 GiB on this machine's ${cores} cores, which the driver and this process share; storage profile hot, no budget.

| executor | workers | data | system | ${changes.join(" | ")} | all, s |
| --- | ---: | ---: | --- |${" ---: |".repeat(changes.length + 1)}
${runs.map(rowText).join("\n")}

| quotient of totals | at | |
| --- | --- | ---: |
${[
  ...ratios("system", `${systemB} ÷ ${systemA}`),
  ...ratios("scale", `${scaleB}x ÷ ${scaleA}x`),
  ...ratios("workers", `${workersB} workers ÷ ${workersA}`),
].join("\n")}
`;
}

function note(line: string): void {
  process.stderr.write(`${line}\n`);
}
