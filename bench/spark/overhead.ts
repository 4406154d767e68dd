/**
 * What the harness costs on Spark: each system's run against the same requests made one after the other in a plain session, and
 * the run without reuse against SQL fused by hand. Arms take turns on one warm server; answers are compared before times are printed.
 *
 *     tsx bench/spark/overhead.ts [--scale 4] [--repetitions 7] [--warm-ups 2] [--versions 1] [--system none-fused,helix] [--data DIR] [--write]
 *
 * `--write` keeps the table in results/spark-overhead/README.md.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { materializerById } from "../../src/algorithms/materialize/index.ts";
import { reusePlannerById } from "../../src/algorithms/reuse/index.ts";
import { systemById } from "../../src/baselines/index.ts";
import type { Iteration } from "../../src/core/iteration.ts";
import { RelationalExecutor } from "../../src/executors/relational/executor.ts";
import { SparkSession } from "../../src/executors/spark/client.ts";
import { openSparkEngine } from "../../src/executors/spark/engine.ts";
import { sessionSettings } from "../../src/executors/spark/dialect.ts";
import { type SparkServer, startSparkServer } from "../../src/executors/spark/server.ts";
import { openStore } from "../../src/executors/store/result-store.ts";
import { prepareDataset } from "../../src/harness/datasets/index.ts";
import { provenance } from "../../src/harness/provenance.ts";
import { runLoop } from "../../src/simulator/loop.ts";
import { workloads } from "../../src/workloads/index.ts";
import { metricNames } from "../duckdb/arms.ts";
import { handVersions } from "../duckdb/hand-fused.ts";
import { runByHand } from "./hand-fused.ts";
import { type Request, RecordingSession, replay, TimedSession } from "./requests.ts";

/** Largest ratios that are meant to be reached. */
const sameLimit = 1.03;
const fusedLimit = 1.1;

/** A run's time, and the metric values of its versions. */
interface Timed {
  readonly ms: number;
  /** Milliseconds of it in which no request was under way; of runs of ours that are timed. */
  readonly outsideMs?: number;
  readonly metrics: readonly Readonly<Record<string, number>>[];
}

/** Runs the benchmark and prints its table; @returns 1 if a ratio is above its limit, else 0. */
export async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      scale: { type: "string", default: "4" },
      repetitions: { type: "string", default: "7" },
      "warm-ups": { type: "string", default: "2" },
      versions: { type: "string", default: "1" },
      system: { type: "string", default: "none-fused,helix" },
      memory: { type: "string", default: "2g" },
      data: { type: "string" },
      write: { type: "boolean", default: false },
    },
  });
  const repetitions = Number(values.repetitions);
  const warmUps = Number(values["warm-ups"]);
  const dataDir = values.data === undefined ? {} : { dataDir: values.data };
  const data = await prepareDataset("census", { scale: Number(values.scale), ...dataDir });
  const paths = new Map((data.sources["census"]?.files ?? []).map(({ split, path }) => [split, path]));
  const files = { train: paths.get("train")!, test: paths.get("test")! };
  const versions = workloads["census"]!.versions(data, 1, {}).slice(0, Number(values.versions));
  const server = await startSparkServer({ driverMemory: values.memory });
  const root = mkdtempSync(join(tmpdir(), "reuselab-bench-spark-"));
  let folders = 0;
  const newFolder = (): string => join(root, String(folders++));
  try {
    const { cpu, cores, memoryBytes, node, commit, dirty } = provenance();
    const head = [
      `${data.title}, ${data.rows} rows, the first ${versions.length} versions. Made by \`npx tsx bench/spark/overhead.ts --scale ${values.scale} --repetitions ${repetitions} --warm-ups ${warmUps} --versions ${versions.length}\`;`,
      `${cpu}, ${cores} cores, ${Math.round(memoryBytes / 2 ** 30)} GiB, Node ${node}, Spark ${server.version} local[2] with a heap of ${values.memory}, commit ${commit?.slice(0, 7) ?? "?"}${dirty === true ? " with changes" : ""}.`,
    ].join("\n");
    print(`${head}\n\n${tableHead.join("\n")}`);
    const lines: Line[] = [];
    const report = async (line: Line): Promise<void> => {
      lines.push(line);
      print(rowText(line));
      if (values.write) await keep(head, lines);
    };
    for (const system of values.system.split(",")) {
      const requests: Request[] = [];
      // Also the warm-up of both arms; its store is what the requests' loads read.
      const first = await runSystem(server, system, versions, newFolder(), requests);
      const byHand = (): Promise<Timed> => inSession(server, (session) => handRun(session, files, versions.length));
      const isFused = system === "none-fused";
      if (isFused) compare(first, await byHand());
      const arms = [
        () => runSystem(server, system, versions, newFolder()),
        () => inSession(server, async (session) => ({ ms: await replay(session, requests, newFolder()), metrics: [] })),
        ...(isFused ? [byHand] : []),
      ];
      const rounds: Timed[][] = [];
      // A server's times fall over the first rounds, whichever arm they are of.
      for (let r = 0; r < warmUps; r++) await inTurns(arms, r);
      for (let r = 0; r < repetitions; r++) rounds.push(await inTurns(arms, r));
      await report({
        system,
        against: "the same requests",
        limit: sameLimit,
        pairs: rounds.map(([ours, hand]) => [ours!.ms, hand!.ms]),
        outside: median(rounds.map(([ours]) => (ours!.outsideMs ?? 0) / ours!.ms)),
      });
      if (isFused)
        await report({
          system,
          against: "SQL fused by hand",
          limit: fusedLimit,
          pairs: rounds.map(([ours, , hand]) => [ours!.ms, hand!.ms]),
        });
    }
    return lines.some((line) => ratioOf(line) > line.limit) ? 1 : 0;
  } finally {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  }
}

/** Runs every arm once, another one first in every round. @returns times by arm */
async function inTurns(arms: readonly (() => Promise<Timed>)[], round: number): Promise<Timed[]> {
  const times: Timed[] = [];
  for (const [i] of arms.entries()) {
    const at = (i + round) % arms.length;
    times[at] = await arms[at]!();
  }
  return times;
}

async function handRun(
  session: SparkSession,
  files: { readonly train: string; readonly test: string },
  count: number,
): Promise<Timed> {
  await session.configure(sessionSettings);
  const metrics: Readonly<Record<string, number>>[] = [];
  const start = performance.now();
  for (const version of handVersions.slice(0, count)) metrics.push(await runByHand(session, files, version));
  return { ms: performance.now() - start, metrics };
}

/** @throws if values do not agree to 1e-3: sums in another order move the learner's last passes, and with them single rows */
function compare(ours: Timed, hand: Timed): void {
  for (const [version, values] of hand.metrics.entries())
    for (const [name, value] of Object.entries(values)) {
      const mine = ours.metrics[version]?.[metricNames[name] ?? name];
      if (mine === undefined || !(Math.abs(mine - value) <= 1e-3))
        throw new Error(`version ${version}: ${name} is ${String(mine)} with the harness, ${value} by hand`);
    }
}

async function inSession<T>(server: SparkServer, body: (session: SparkSession) => Promise<T>): Promise<T> {
  const session = new SparkSession({ host: "127.0.0.1", port: server.port, token: server.token });
  try {
    return await body(session);
  } finally {
    await session.close();
  }
}

/** A whole run of a system, from the open engine to the last row; `requests` collects what the server is asked. */
async function runSystem(
  server: SparkServer,
  id: string,
  versions: readonly Iteration[],
  folder: string,
  requests?: Request[],
): Promise<Timed> {
  const system = systemById(id)!;
  const address = { host: "127.0.0.1", port: server.port, token: server.token };
  const session = requests === undefined ? new TimedSession(address) : new RecordingSession(address, requests);
  const store = await openStore(folder);
  const executor = new RelationalExecutor(await openSparkEngine(session, { isDistributed: false }), { store });
  const metrics: Readonly<Record<string, number>>[] = [];
  const before = session instanceof TimedSession ? session.busyMs : 0;
  const start = performance.now();
  const { failure, rows } = await runLoop({
    iterations: versions,
    trace: "bench",
    system,
    planner: reusePlannerById(system.planner)!,
    materializer: materializerById(system.materializer)!,
    executor,
    onIteration: (report) => void metrics.push(report.metrics),
  });
  const ms = performance.now() - start;
  const outside = session instanceof TimedSession ? { outsideMs: ms - (session.busyMs - before) } : {};
  await executor.close();
  await store.close();
  if (failure !== undefined) throw failure;
  if (rows.length !== versions.length) throw new Error(`${id} has ${rows.length} rows of ${versions.length}`);
  return { ms, metrics, ...outside };
}

/** One line of the table; pairs of milliseconds, ours and by hand. */
interface Line {
  readonly system: string;
  readonly against: string;
  readonly limit: number;
  readonly pairs: readonly (readonly [number, number])[];
  /** Share of our run in which no request was under way, median. */
  readonly outside?: number;
}

function ratioOf({ pairs }: Line): number {
  return median(pairs.map(([ours, hand]) => ours / hand));
}

const tableHead = [
  "| system | against | ours, s | by hand, s | ratio | by round | at most | | outside requests |",
  "| --- | --- | ---: | ---: | ---: | --- | ---: | --- | ---: |",
];

function rowText(line: Line): string {
  const { system, against, pairs, limit } = line;
  const ratios = pairs.map(([ours, hand]) => ours / hand).toSorted((a, b) => a - b);
  const times = [0, 1].map((side) => (median(pairs.map((pair) => pair[side]!)) / 1000).toFixed(2));
  const range = `${ratios[0]!.toFixed(3)}–${ratios.at(-1)!.toFixed(3)}`;
  const verdict = ratioOf(line) <= limit ? "reached" : "**missed**";
  const outside = line.outside === undefined ? "" : `${(100 * line.outside).toFixed(2)} %`;
  return `| ${[system, against, ...times, ratioOf(line).toFixed(3), range, limit, verdict, outside].join(" | ")} |`;
}

async function keep(head: string, lines: readonly Line[]): Promise<void> {
  const missed = lines.filter((line) => ratioOf(line) > line.limit).length;
  const text = `# The harness against programs by hand, on Spark

${head}
Wall time of whole runs in turns on one warm server; medians of ${lines[0]?.pairs.length ?? 0} rounds after those that only warm up, the ratio is the median of the rounds' ratios.
*Outside requests* is the share of our runs in which the server was asked nothing: planning, hashing and syncing files, manifests.

${missed === 0 ? `All ${lines.length} ratios are within their limits.` : `${missed} of ${lines.length} ratios are above their limits.`}

${tableHead.join("\n")}
${lines.map(rowText).join("\n")}
`;
  await mkdir("results/spark-overhead", { recursive: true });
  await writeFile("results/spark-overhead/README.md", text);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (process.argv[1]?.endsWith("overhead.ts") === true) process.exitCode = await run(process.argv.slice(2));
