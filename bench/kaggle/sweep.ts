/**
 * Times the Kaggle sweep and the linear pass: `tsx bench/kaggle/sweep.ts [--trace kaggle-lifted-1x] [--write]`; `--write` keeps the
 * table as results/kaggle-sweep/README.md.
 *
 * The sweep replays all eight workloads under six systems and four budgets; reading the trace is apart. The linear pass plans
 * 10,000 draws of 1,000 synthetic workloads, `plan()` alone. Both in seconds of processor time, which other work on the machine
 * does not change much. Then the sweep ten times over by one and by two warm processes that share its cells, and
 * `collab-speed-up` (28 cells) and `arena` (924) by `reuselab run --jobs 1` and `--jobs 2`, which start from nothing: wall-clock seconds.
 */
import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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
  options: {
    trace: { type: "string", default: "kaggle-lifted-1x" },
    write: { type: "boolean", default: false },
    part: { type: "string", default: "" },
  },
});

/** Seconds of user time a piece of work takes. */
async function userSeconds(work: () => Promise<void> | void): Promise<number> {
  return (await bothSeconds(work)).user;
}

/** Seconds of user time, those of helping threads that compile and collect garbage included, and seconds on the wall clock. */
async function bothSeconds(
  work: () => Promise<void> | void,
): Promise<{ readonly user: number; readonly wall: number }> {
  const [start, clock] = [process.cpuUsage(), performance.now()];
  await work();
  return { user: process.cpuUsage(start).user / 1e6, wall: (performance.now() - clock) / 1e3 };
}

const lines = [...Object.values(kaggleLines), pairSystem("load-all", "collab-storage-aware")];
const cellsOfSweep = lines.flatMap((system) => publishedBudgets.map((budget) => ({ system, budget })));
const library = new TraceLibrary();

/** Replays those cells of the sweep whose place is `part` modulo `parts`. */
async function sweep(part = 0, parts = 1): Promise<void> {
  const trace = await library.load(values.trace);
  for (const { system, budget } of cellsOfSweep.filter((_, i) => i % parts === part))
    await replay(trace, { system, budget: `${percentOf(budget)}%`, accounting: "collab" });
}

const rounds = 10;
/** What a process of its own does: gets warm, says so, sweeps its part on a word, says so. */
async function work(part: number, parts: number): Promise<void> {
  for (let round = 0; round < 3; round++) await sweep(part, parts);
  process.once("message", async () => {
    for (let round = 0; round < rounds; round++) await sweep(part, parts);
    process.send?.("done");
    process.disconnect();
  });
  process.send?.("warm");
}

const messageOf = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("error", reject);
    child.once("exit", () => reject(new Error("a process of the sweep ended early")));
  });

/** Wall-clock seconds of the sweep ten times over by so many warm processes. */
async function processSeconds(parts: number): Promise<number> {
  const children = Array.from({ length: parts }, (_, part) =>
    fork(fileURLToPath(import.meta.url), ["--trace", values.trace, "--part", `${part}/${parts}`]),
  );
  await Promise.all(children.map(messageOf));
  const start = performance.now();
  const finished = Promise.all(children.map(messageOf));
  for (const child of children) child.send("go");
  await finished;
  return (performance.now() - start) / 1e3;
}

/** Wall-clock seconds of `reuselab run ID --jobs N` into an empty folder. */
function runSeconds(id: string, jobs: number): number {
  const folder = mkdtempSync(join(tmpdir(), "reuselab-sweep-"));
  try {
    const start = performance.now();
    const words = ["run", id, "--jobs", String(jobs), "--out", folder, "--quiet"];
    const { status, stderr } = spawnSync(process.execPath, ["dist/src/cli/main.js", ...words], { encoding: "utf8" });
    if (status !== 0) throw new Error(`run ${id} ended with ${status}; is dist built? ${stderr}`);
    return (performance.now() - start) / 1e3;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [part = 0, parts = 0] = values.part.split("/").map(Number);
await (parts > 0 ? work(part, parts) : measure());

async function measure(): Promise<void> {
  const readSeconds = await userSeconds(async () => void (await library.load(values.trace)));
  const trace = await library.load(values.trace);
  traceFacts(trace);
  const [cold, warm] = [await bothSeconds(sweep), await bothSeconds(sweep)];
  const processes = [await processSeconds(1), await processSeconds(2)] as const;
  const runs = ["collab-speed-up", "arena"].flatMap((id) =>
    [1, 2].map((jobs) => [`\`run ${id} --jobs ${jobs}\``, "wall", runSeconds(id, jobs).toFixed(3)]),
  );

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
  const header = ["what", "clock", "seconds"];
  const rows = [
    [`reading ${values.trace}`, "user", readSeconds.toFixed(3)],
    [`${cells}, first time`, "user", cold.user.toFixed(3)],
    ["", "wall", cold.wall.toFixed(3)],
    [`${cells}, again`, "user", warm.user.toFixed(3)],
    ["", "wall", warm.wall.toFixed(3)],
    [`the same ${rounds} times, one process`, "wall", processes[0].toFixed(3)],
    [`the same ${rounds} times, two processes`, "wall", processes[1].toFixed(3)],
    ...runs,
    [`linear pass, ${workloads} synthetic workloads`, "user", planSeconds.toFixed(3)],
  ];
  process.stdout.write(textTable(header, rows));
  if (values.write) {
    mkdirSync("results/kaggle-sweep", { recursive: true });
    const lines = [header, header.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
    writeFileSync(
      "results/kaggle-sweep/README.md",
      `# Kaggle: time of the sweep\n\nMade by \`tsx bench/kaggle/sweep.ts --write\`, never edited. Measured on this machine, Node ${process.version}; "first time" includes compiling. The processes are warm, \`run\` starts from nothing: a process, and with two jobs a thread each, that read the trace and compile.\n\n${lines.join("\n")}\n`,
    );
  }
}
