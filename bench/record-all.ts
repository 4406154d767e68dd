/**
 * Records the committed traces on DuckDB, after printing how long each will take.
 *
 *     tsx bench/record-all.ts --census DIR --ie DIR [--plan] [--only census,ie] [--scales 1,10,100]
 *       [--arms replicate,jitter] [--out experiments/traces]
 *
 * Real files are asked for: traces of generated data are no evidence. An interrupted run goes on where it was; traces that
 * exist are skipped. Versions run whole in every repetition up to scale 10, beyond in --whole-repetitions (default 1) of them.
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
    only: { type: "string", default: "census,ie,census-cover" },
    scales: { type: "string", default: "1,10,100" },
    arms: { type: "string" },
    repetitions: { type: "string", default: "9" },
    "whole-repetitions": { type: "string", default: "1" },
    out: { type: "string", default: "experiments/traces" },
  },
});

const repetitions = Number(values.repetitions);
const folders: Readonly<Record<string, string | undefined>> = { census: values.census, ie: values.ie };
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

/** Seconds a repetition takes as a + b·scale, with and without whole runs, from two small probes. */
interface Speed {
  seconds(scale: number, withWholes: boolean): number;
}

async function probe(workload: Workload, dataDir: string, scratch: string): Promise<Speed> {
  const timesAt = async (scale: number): Promise<{ plain: number; wholes: number }> => {
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
    const times: number[] = [];
    for (const repetition of [0, 1]) {
      const startMs = performance.now();
      await runRepetition(prepared, repetition, () => {});
      times.push((performance.now() - startMs) / 1000);
    }
    const [withWholes = 0, plain = 0] = times;
    return { plain, wholes: Math.max(0, withWholes - plain) };
  };
  const [low, high] = [0.1, 1];
  const [few, many] = [await timesAt(low), await timesAt(high)];
  const line = (at: "plain" | "wholes", scale: number): number => {
    const slope = Math.max(0, (many[at] - few[at]) / (high - low));
    return Math.max(0, many[at] + slope * (scale - high));
  };
  return { seconds: (scale, withWholes) => line("plain", scale) + (withWholes ? line("wholes", scale) : 0) };
}

interface Entry {
  readonly request: TraceRequest & { readonly name: string };
  readonly minutes: number;
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
      const wholeRepetitions = scale > 10 ? Math.min(Number(values["whole-repetitions"]), repetitions) : repetitions;
      const name = traceName(id, scale, arm);
      const out = join(values.out, `${name}.jsonl.gz`);
      const seconds =
        wholeRepetitions * speed.seconds(scale, true) + (repetitions - wholeRepetitions) * speed.seconds(scale, false);
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
        minutes: seconds / 60,
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
    minutes: Math.round(minutes * 10) / 10,
    state: isThere ? "there" : "to record",
  }));
  console.log(renderRecords(planned, ["trace", "repetitions", "wholeRepetitions", "minutes", "state"], "table"));
  const total = entries.reduce((sum, { minutes, isThere }) => sum + (isThere ? 0 : minutes), 0);
  console.log(`about ${Math.ceil(total)} minutes in all on this machine as busy as it is now\n`);

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
