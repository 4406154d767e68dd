/** One run of a system with its counterparts by hand, in turns: version by version, so that all arms meet the same machine. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { materializerById } from "../../src/algorithms/materialize/index.ts";
import { reusePlannerById } from "../../src/algorithms/reuse/index.ts";
import { systemById } from "../../src/baselines/index.ts";
import { collectGarbage } from "../../src/cli/collect-garbage.ts";
import type { Iteration } from "../../src/core/iteration.ts";
import type { EngineCall } from "../../src/executors/duckdb/engine-log.ts";
import { openDuckDb } from "../../src/executors/duckdb/executor.ts";
import { openStore } from "../../src/executors/store/result-store.ts";
import { runLoop } from "../../src/simulator/loop.ts";
import { handVersions, openByHand, runByHand } from "./hand-fused.ts";
import { Replay } from "./replay.ts";

/** Wall time, and processor time of all threads of the process, which other work on the machine disturbs less; milliseconds. */
export interface Time {
  readonly ms: number;
  readonly cpuMs: number;
}

/** Times of one version under each arm. */
export interface VersionTimes {
  readonly ours: Time;
  /** The same statements, one after the other on a plain connection. */
  readonly replayed: Time;
  /** SQL fused by hand. */
  readonly fused?: Time;
}

/** Times of a run by version; `endsBefore`: why the system stopped early. */
export interface ArmTimes {
  readonly versions: readonly VersionTimes[];
  readonly endsBefore?: string;
}

/**
 * Runs a system on the harness; after each version the same calls are made on a plain connection and, if `fusedFiles` are
 * given, the version is run as SQL fused by hand on a third one, whose metric values must agree.
 *
 * @throws what ended the run, or an error where values do not agree
 */
export async function runArms(
  id: string,
  iterations: readonly Iteration[],
  fusedFiles?: { readonly train: string; readonly test: string },
): Promise<ArmTimes> {
  const system = systemById(id)!;
  const folder = await mkdtemp(join(tmpdir(), "reuselab-bench-"));
  const store = await openStore(join(folder, "store"));
  let calls: EngineCall[] = [];
  const executor = await openDuckDb({ store, log: (call) => void calls.push(call) });
  const replay = await Replay.open(folder);
  const fused = fusedFiles === undefined ? undefined : await openByHand();
  const versions: VersionTimes[] = [];
  try {
    let stop = startWatch();
    const { failure, exclusion } = await runLoop({
      iterations,
      trace: "bench",
      system,
      planner: reusePlannerById(system.planner)!,
      materializer: materializerById(system.materializer)!,
      executor,
      async onIteration({ row, metrics }) {
        const ours = stop();
        const made = calls;
        calls = [];
        const byHand = {
          replayed: () => timed(() => replay.run(made)),
          fused: () => timed(() => runByHand(fused!.connection, fusedFiles!, handVersions[row.iteration]!)),
        };
        // The two take turns in being first.
        const names = fused === undefined ? (["replayed"] as const) : (["replayed", "fused"] as const);
        const times: { replayed?: Time; fused?: Time } = {};
        for (const name of row.iteration % 2 === 0 ? names : names.toReversed()) {
          const { time, value } = await byHand[name]();
          times[name] = time;
          if (value !== undefined) compare(row.iteration, metrics, value);
        }
        versions.push({
          ours,
          replayed: times.replayed!,
          ...(times.fused === undefined ? {} : { fused: times.fused }),
        });
        collectGarbage();
        stop = startWatch();
      },
    });
    if (failure !== undefined) throw failure;
    if (versions.length === 0) throw new Error(`${id}: ran nothing: ${exclusion?.reason ?? "no versions"}`);
    return { versions, ...(exclusion === undefined ? {} : { endsBefore: exclusion.reason }) };
  } finally {
    fused?.close();
    replay.close();
    await executor.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function timed<T>(body: () => Promise<T>): Promise<{ readonly time: Time; readonly value: T }> {
  collectGarbage();
  const stop = startWatch();
  const value = await body();
  return { time: stop(), value };
}

function startWatch(): () => Time {
  const from = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { ms: performance.now() - from, cpuMs: (user + system) / 1000 };
  };
}

/** The harness's names of the metrics that versions written by hand give. */
export const metricNames: Readonly<Record<string, string>> = {
  accuracy: "checked.accuracy",
  "train-accuracy": "trainCheck.accuracy",
  "train-log-loss": "trainCheck.logLoss",
  "by-sex": "byGroup.worstAccuracy",
  "train-auc": "auc.auc",
  "positive-rate": "positiveRate.positiveRate",
};

/** @throws if the arms do not agree to 1e-4: the hand-written one sums in any order, which moves the learner's last passes */
function compare(
  version: number,
  ours: Readonly<Record<string, number>>,
  hand: Readonly<Record<string, number>>,
): void {
  for (const [name, value] of Object.entries(hand)) {
    const mine = ours[metricNames[name] ?? name];
    if (mine === undefined || !(Math.abs(mine - value) <= 1e-4))
      throw new Error(`version ${version}: ${name} is ${String(mine)} with the harness, ${value} by hand`);
  }
}
