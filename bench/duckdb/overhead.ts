/**
 * What the harness costs on DuckDB: each system's run against the same statements typed one after the other, and the run
 * without reuse against SQL fused by hand. Arms take turns version by version; answers are compared before times are printed.
 *
 *     tsx bench/duckdb/overhead.ts [--scale 100] [--repetitions 1] [--data DIR] [--part census/helix:10]… [--quick] [--write]
 *
 * A part is `workload/system:versions`. `--write` keeps the table in results/duckdb-overhead/README.md.
 */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemById } from "../../src/baselines/index.ts";
import { UsageError } from "../../src/core/errors.ts";
import type { Iteration } from "../../src/core/iteration.ts";
import { prepareDataset, type PreparedData } from "../../src/harness/datasets/index.ts";
import { provenance } from "../../src/harness/provenance.ts";
import { workloadById } from "../../src/workloads/index.ts";
import { runArms, type Time, type VersionTimes } from "./arms.ts";

/** Largest ratios that are meant to be reached. */
const sameLimit = 1.03;
const fusedLimit = 1.1;
/** Versions of half a second and more have a ratio of their own. */
const ownRatioMs = 500;

/**
 * Every system; of the script's versions the initial run and the first edits, more of them where systems part. On Census an
 * edit of pre-processing comes first, so that two versions have all that a system does: run, store, plan, load, purge.
 */
const allParts = [
  ["census/none-fused:4", "census/helix:4", "census/naive:2", "census/collab:2", "ie/none-fused:1", "ie/helix:2"],
  ["census/keystoneml:2", "census/keystoneml-aggressive:2", "census/keystoneml-nocache:2", "census/deepdive:2"],
  ["census/helix-demo:2", "census/helix-am:2", "census/helix-nm:2"],
  ["census/collab-utility:2", "census/collab-helix:2", "census/all:2"],
].flat();

interface Part {
  readonly workload: string;
  readonly system: string;
  readonly versions: number;
}

/** One line of the table. */
interface Line {
  readonly workload: string;
  readonly system: string;
  readonly against: "the same statements" | "SQL fused by hand";
  readonly limit: number;
  readonly versions: number;
  readonly initialMs: number;
  readonly ours: Time;
  readonly hand: Time;
  readonly ratio: number;
  /** Smallest and largest ratio of a version. */
  readonly low: number;
  readonly high: number;
}

/** Runs the benchmark and prints its table; @returns 1 if a ratio is above its limit, else 0. */
export async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      scale: { type: "string" },
      repetitions: { type: "string", default: "1" },
      data: { type: "string" },
      part: { type: "string", multiple: true, default: allParts },
      quick: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
    },
  });
  const scale = Number(values.scale ?? (values.quick ? 10 : 100));
  const repetitions = Number(values.repetitions);
  const parts = values.part.map(readPart);
  const data = new Map<string, PreparedData>();
  for (const { workload } of parts) {
    const { dataset } = workloadById(workload)!;
    if (data.has(workload)) continue;
    const own = values.data === undefined ? undefined : join(values.data, dataset);
    const dataDir = own !== undefined && existsSync(own) ? own : values.data;
    data.set(workload, await prepareDataset(dataset, { scale, ...(dataDir === undefined ? {} : { dataDir }) }));
    // Reads the files and compiles the code once, so that no arm pays for it.
    await runArms("none-fused", versionsOf({ workload, system: "none-fused", versions: 1 }, data.get(workload)!));
  }
  const titles = [...new Set([...data.values()].map(({ title, rows }) => `${title}, ${rows} rows`))];
  const { cpu, cores, memoryBytes, node, commit, dirty, packages } = provenance();
  const head = [
    `${titles.join("; ")}. Made by \`npx tsx bench/duckdb/overhead.ts ${["--scale", scale, "--repetitions", repetitions].join(" ")}\`;`,
    `${cpu}, ${cores} cores, ${Math.round(memoryBytes / 2 ** 30)} GiB, Node ${node}, DuckDB ${packages["@duckdb/node-api"] ?? "?"}, commit ${commit?.slice(0, 7) ?? "?"}${dirty === true ? " with changes" : ""}.`,
  ].join("\n");
  print(`${head}\n\n${header.join("\n")}`);

  const lines: Line[] = [];
  for (const part of parts) {
    const times: VersionTimes[] = [];
    for (let r = 0; r < repetitions; r++) {
      const files = Object.fromEntries(
        (data.get(part.workload)!.sources["census"]?.files ?? []).map(({ split, path }) => [split, path]),
      );
      const isFused = part.workload === "census" && part.system === "none-fused";
      const fused = isFused ? { train: files["train"]!, test: files["test"]! } : undefined;
      times.push(...(await runArms(part.system, versionsOf(part, data.get(part.workload)!), fused)).versions);
    }
    for (const line of linesOf(part, times, repetitions)) {
      lines.push(line);
      print(rowText(line));
    }
    if (values.write) await keep(head, lines, values.quick || lines.some(({ initialMs }) => initialMs < 20_000));
  }
  return lines.some(({ ratio, limit }) => ratio > limit) ? 1 : 0;
}

function readPart(text: string): Part {
  const [, workload = "", system = "", versions = ""] = /^([^/]+)\/([^:]+):(\d+)$/u.exec(text) ?? [];
  if (workloadById(workload) === undefined || systemById(system) === undefined || !(Number(versions) > 0))
    throw new UsageError(`--part "${text}": expected workload/system:versions, for example census/helix:4`);
  return { workload, system, versions: Number(versions) };
}

function versionsOf({ workload, versions }: Part, data: PreparedData): readonly Iteration[] {
  return workloadById(workload)!.versions(data, 1, {}).slice(0, versions);
}

function linesOf({ workload, system }: Part, times: readonly VersionTimes[], repetitions: number): readonly Line[] {
  const line = (against: Line["against"], limit: number, handOf: (times: VersionTimes) => Time): Line => {
    const ours = total(times.map((version) => version.ours));
    const hand = total(times.map(handOf));
    const own = times
      .filter((version) => handOf(version).ms >= ownRatioMs)
      .map((version) => version.ours.ms / handOf(version).ms);
    return {
      workload,
      system,
      against,
      limit,
      versions: times.length / repetitions,
      initialMs: times[0]!.ours.ms,
      ours,
      hand,
      ratio: ours.ms / hand.ms,
      low: Math.min(...own),
      high: Math.max(...own),
    };
  };
  const same = line("the same statements", sameLimit, ({ replayed }) => replayed);
  return times[0]?.fused === undefined ? [same] : [same, line("SQL fused by hand", fusedLimit, ({ fused }) => fused!)];
}

function total(times: readonly Time[]): Time {
  return {
    ms: times.reduce((sum, { ms }) => sum + ms, 0),
    cpuMs: times.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  };
}

const header = [
  "| workload | system | versions | against | ours, s | by hand, s | ratio | by version | processor time | at most | |",
  "| --- | --- | ---: | --- | ---: | ---: | ---: | --- | ---: | ---: | --- |",
];

function rowText({ workload, system, versions, against, ours, hand, ratio, low, high, limit }: Line): string {
  const cells = [
    workload,
    system,
    versions,
    against,
    seconds(ours.ms),
    seconds(hand.ms),
    ratio.toFixed(3),
    Number.isFinite(low) ? `${low.toFixed(2)}–${high.toFixed(2)}` : "",
    (ours.cpuMs / hand.cpuMs).toFixed(3),
    limit,
    ratio <= limit ? "reached" : "**missed**",
  ];
  return `| ${cells.join(" | ")} |`;
}

async function keep(head: string, lines: readonly Line[], isSmall: boolean): Promise<void> {
  const missed = lines.filter(({ ratio, limit }) => ratio > limit);
  const text = `# The harness against programs by hand, on DuckDB

${head}
Wall time, in turns version by version; "by version": smallest and largest ratio of a version of ${ownRatioMs / 1000} s and more; the initial run is the first version.
${isSmall ? "\n**Some initial run is shorter than the 20 s at which ratios are judged.**\n" : ""}
${missed.length === 0 ? `All ${lines.length} ratios are within their limits.` : `${missed.length} of ${lines.length} ratios are above their limits.`}

${header.join("\n")}
${lines.map(rowText).join("\n")}
`;
  await mkdir("results/duckdb-overhead", { recursive: true });
  await writeFile("results/duckdb-overhead/README.md", text);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (process.argv[1]?.endsWith("overhead.ts") === true) process.exitCode = await run(process.argv.slice(2));
