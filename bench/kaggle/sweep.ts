/**
 * Times the Kaggle sweep and the linear pass: `tsx bench/kaggle/sweep.ts [--trace kaggle-lifted-1x] [--write]`; `--write` keeps the
 * table as results/kaggle-sweep/README.md.
 *
 * The sweep replays all eight workloads under six systems and four budgets; reading the trace is apart. The linear pass plans
 * 10,000 draws of 1,000 synthetic workloads, `plan()` alone. Both in seconds of processor time, which other work on the machine
 * does not change much.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { drawCounts } from "../../experiments/collab-synthetic.ts";
import { kaggleLines, percentOf, publishedBudgets } from "../../experiments/collab-kaggle.ts";
import { linearPass } from "../../src/algorithms/reuse/linear-pass.ts";
import { pairSystem } from "../../src/baselines/index.ts";
import { replay, traceFacts } from "../../src/harness/run-replay.ts";
import { TraceLibrary } from "../../src/harness/run-traces.ts";
import { textTable } from "../../src/report/text-table.ts";
import { drawProblem } from "../../src/workloads/synthetic/families.ts";

const { values } = parseArgs({
  options: { trace: { type: "string", default: "kaggle-lifted-1x" }, write: { type: "boolean", default: false } },
});

/** Seconds of user time a piece of work takes. */
async function userSeconds(work: () => Promise<void> | void): Promise<number> {
  const start = process.cpuUsage();
  await work();
  return process.cpuUsage(start).user / 1e6;
}

const lines = [...Object.values(kaggleLines), pairSystem("load-all", "collab-storage-aware")];
const library = new TraceLibrary();
const readSeconds = await userSeconds(async () => void (await library.load(values.trace)));
const trace = await library.load(values.trace);
traceFacts(trace);
const sweep = async (): Promise<void> => {
  for (const system of lines)
    for (const budget of publishedBudgets)
      await replay(trace, { system, budget: `${percentOf(budget)}%`, accounting: "collab" });
};
const [cold, warm] = [await userSeconds(sweep), await userSeconds(sweep)];

const distinct = 1_000;
const draws = drawCounts(1, distinct, 10 * distinct);
let planSeconds = 0;
let workloads = 0;
for (let index = 0; index < distinct; index++) {
  const problem = drawProblem("collab-released", 1, index, { query: "one" });
  planSeconds += await userSeconds(() => {
    for (let k = 0; k < draws[index]!; k++) linearPass.plan(problem, {});
  });
  workloads += draws[index]!;
}

const cells = `${lines.length} systems × ${publishedBudgets.length} budgets × ${trace.iterations.length} workloads`;
const header = ["what", "user seconds"];
const rows = [
  [`reading ${values.trace}`, readSeconds.toFixed(3)],
  [`${cells}, first time`, cold.toFixed(3)],
  [`${cells}, again`, warm.toFixed(3)],
  [`linear pass, ${workloads} synthetic workloads`, planSeconds.toFixed(3)],
];
process.stdout.write(textTable(header, rows));
if (values.write) {
  mkdirSync("results/kaggle-sweep", { recursive: true });
  const lines = [header, header.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
  writeFileSync(
    "results/kaggle-sweep/README.md",
    `# Kaggle: time of the sweep\n\nMade by \`tsx bench/kaggle/sweep.ts --write\`, never edited. Measured on this machine, Node ${process.version}; "first time" includes compiling.\n\n${lines.join("\n")}\n`,
  );
}
