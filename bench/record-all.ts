/**
 * Records the committed traces on DuckDB, after printing how long each will take.
 *
 *     tsx bench/record-all.ts --census DIR --ie DIR [--plan] [--only census,ie] [--scales 1,10,100]
 *       [--arms replicate,jitter] [--out experiments/traces]
 *
 * Real files are asked for: traces of generated data are no evidence. An interrupted run goes on where it was; traces that
 * exist are skipped. Versions run whole (`fusedUs`) in every repetition up to scale 10 and in one beyond; --whole-repetitions N
 * says otherwise for all scales above 1. The trace tells.
 */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Workload } from "../src/core/workload.ts";
import { renderRecords } from "../src/cli/print-records.ts";
import { datasetById } from "../src/harness/datasets/index.ts";
import { openDuckDbEngine } from "../src/harness/recording/duckdb-engine.ts";
import { recordTrace, recordingVersions, traceName, type TraceRequest } from "../src/harness/recording/record-trace.ts";
import type { RecordingPlan } from "../src/harness/recording/recording.ts";
import { preparePlan, runRepetition } from "../src/harness/recording/repetition.ts";
import { workloads } from "../src/workloads/index.ts";

const { values } = parseArgs({
  options: {
    plan: { type: "boolean", default: false },
    census: { type: "string" },
    ie: { type: "string" },
    only: { type: "string", default: "census,ie" },
    scales: { type: "string", default: "1,10,100" },
    arms: { type: "string" },
    repetitions: { type: "string", default: "9" },
    "whole-repetitions": { type: "string" },
    out: { type: "string", default: "experiments/traces" },
  },
});

const repetitions = Number(values.repetitions);
const folders: Readonly<Record<string, string | undefined>> = { census: values.census, ie: values.ie };
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

/** Seconds on the clock, and of processor time: what the clock would show at most on a quiet machine. */
interface Seconds {
  readonly wall: number;
  readonly cpu: number;
}

/** What a repetition takes as a + b·scale, with and without whole runs, from two small probes. */
interface Speed {
  seconds(scale: number, withWholes: boolean, clock: keyof Seconds): number;
}

async function probe(workload: Workload, dataDir: string, scratch: string): Promise<Speed> {
  const timesAt = async (scale: number): Promise<{ plain: Seconds; wholes: Seconds }> => {
    const { versions, warmUp } = await recordingVersions({ workload, dataDir, scale, seed: 1, signal: stop.signal });
    const plan: RecordingPlan = {
      versions,
      ...(warmUp === undefined ? {} : { warmUp }),
      repetitions: 2,
      wholeRepetitions: 1,
      seed: 1,
      signal: stop.signal,
      openEngine: () => openDuckDbEngine({ storeFolder: join(scratch, "store"), memoryLimitBytes: 4e9 }),
    };
    const prepared = preparePlan(plan);
    const times: Seconds[] = [];
    for (const repetition of [0, 1]) {
      const startMs = performance.now();
      const startCpu = process.cpuUsage();
      await runRepetition(prepared, repetition, () => {});
      const { user, system } = process.cpuUsage(startCpu);
      times.push({ wall: (performance.now() - startMs) / 1000, cpu: (user + system) / 1e6 });
    }
    const [withWholes = { wall: 0, cpu: 0 }, plain = { wall: 0, cpu: 0 }] = times;
    const more = (clock: keyof Seconds): number => Math.max(0, withWholes[clock] - plain[clock]);
    return { plain, wholes: { wall: more("wall"), cpu: more("cpu") } };
  };
  const [low, high] = [0.1, 1];
  const [few, many] = [await timesAt(low), await timesAt(high)];
  const line = (at: "plain" | "wholes", scale: number, clock: keyof Seconds): number => {
    const slope = Math.max(0, (many[at][clock] - few[at][clock]) / (high - low));
    return Math.max(0, many[at][clock] + slope * (scale - high));
  };
  return {
    seconds: (scale, withWholes, clock) =>
      line("plain", scale, clock) + (withWholes ? line("wholes", scale, clock) : 0),
  };
}

interface Entry {
  readonly request: TraceRequest & { readonly name: string };
  readonly minutes: Seconds;
  readonly isThere: boolean;
}

async function entriesOf(id: string, scratch: string): Promise<Entry[]> {
  const workload = Object.hasOwn(workloads, id) ? workloads[id] : undefined;
  if (workload === undefined) throw new Error(`there is no workload "${id}"`);
  const dataDir = folders[workload.dataset];
  if (dataDir === undefined) throw new Error(`name the folder of the real files: --${workload.dataset} DIR`);
  const scales = values.scales.split(",").map(Number);
  const arms = Object.keys(datasetById(workload.dataset).arms).filter(
    (arm) => values.arms === undefined || values.arms.split(",").includes(arm),
  );
  const speed = await probe(workload, dataDir, scratch);
  const entries: Entry[] = [];
  for (const scale of scales)
    for (const arm of scale === 1 ? [undefined] : arms) {
      const given = values["whole-repetitions"];
      const wholes = given === undefined || scale === 1 ? (scale > 10 ? 1 : repetitions) : Number(given);
      const wholeRepetitions = Math.min(wholes, repetitions);
      const name = traceName(id, scale, arm);
      const out = join(values.out, `${name}.jsonl.gz`);
      const minutes = (clock: keyof Seconds): number =>
        (wholeRepetitions * speed.seconds(scale, true, clock) +
          (repetitions - wholeRepetitions) * speed.seconds(scale, false, clock)) /
        60;
      entries.push({
        request: {
          workload,
          name,
          scale,
          dataDir,
          seed: 1,
          repetitions,
          wholeRepetitions,
          out,
          ...(arm === undefined ? {} : { arm }),
        },
        minutes: { wall: minutes("wall"), cpu: minutes("cpu") },
        isThere: existsSync(out),
      });
    }
  return entries;
}

const scratch = await mkdtemp(join(tmpdir(), "reuselab-record-all-"));
try {
  const entries: Entry[] = [];
  for (const id of values.only.split(",")) entries.push(...(await entriesOf(id, scratch)));
  const planned = entries.map(({ request, minutes, isThere }) => ({
    trace: request.name,
    repetitions: request.repetitions,
    wholeRepetitions: request.wholeRepetitions,
    minutes: Math.round(minutes.wall * 10) / 10,
    cpuMinutes: Math.round(minutes.cpu * 10) / 10,
    state: isThere ? "there" : "to record",
  }));
  console.log(
    renderRecords(planned, ["trace", "repetitions", "wholeRepetitions", "minutes", "cpuMinutes", "state"], "table"),
  );
  const total = (clock: keyof Seconds): number =>
    Math.ceil(entries.reduce((sum, { minutes, isThere }) => sum + (isThere ? 0 : minutes[clock]), 0));
  console.log(
    `about ${total("wall")} minutes in all as busy as this machine is now, about ${total("cpu")} when nothing else runs\n`,
  );

  for (const { request, isThere } of values.plan ? [] : entries) {
    if (isThere) continue;
    const startMs = performance.now();
    let last = startMs;
    const recorded = await recordTrace({
      ...request,
      signal: stop.signal,
      onProgress(done, all, note) {
        if (performance.now() - last < 30_000) return;
        last = performance.now();
        console.error(`  ${request.name}: ${done}/${all} ${note}`);
      },
    });
    const { initialUs, fixedCostUs = 0 } = recorded;
    const fixedShare = initialUs === 0 ? 0 : fixedCostUs / initialUs;
    const verdict = initialUs >= 20e6 && fixedShare <= 0.05 ? "claims may be judged here" : "no claims here";
    console.log(
      `${request.name}: initial run ${(initialUs / 1e6).toFixed(2)} s, fixed cost ${(100 * fixedShare).toFixed(1)} % of it: ${verdict} (${recorded.rows} rows, loads ${recorded.isCold ? "cold" : "hot"}, ${((performance.now() - startMs) / 60_000).toFixed(1)} min)`,
    );
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
