/** Replays of the `openml-like` stream with benchmarking: what new runs cost, and what running the best model again does. */
import type { Accounting, SystemSpec } from "../src/core/system.ts";
import { parseBudget } from "../src/core/units.ts";
import type { ExperimentContext, Grid, ResultTable, ResultView } from "../src/harness/experiment.ts";
import { simulatedTrace } from "../src/harness/run-replay.ts";
import { formatNumber } from "../src/report/charts/units.ts";
import { simulateCell } from "../src/simulator/simulate.ts";
import { openmlStream, type OpenmlStream } from "../src/workloads/openml/stream.ts";

/** Both accountings of a figure: the paper's own, and the one that is compared across papers. Never in one table. */
export const collabAccountings = ["collab", "uniform"] as const;

/** State after some runs of a stream; all times cumulative, in microseconds. */
export interface StreamRow {
  readonly executor: string;
  readonly accounting: string;
  readonly runs: number;
  readonly totalUs: number;
  /** Share of it for the pipelines that were new to the user, and for running the best one again. */
  readonly newUs: number;
  readonly goldUs: number;
  /** Deduplicated bytes. */
  readonly storedBytes: number;
}

const streams = new Map<string, OpenmlStream>();

/** The stream of a seed, drawn once. */
export function benchmarkStream(seed: number, runs: number): OpenmlStream {
  const key = `${seed}/${runs}`;
  const known = streams.get(key);
  if (known !== undefined) return known;
  const drawn = openmlStream(seed, { pipelines: runs, benchmark: true });
  streams.clear();
  streams.set(key, drawn);
  return drawn;
}

/** What a replay is asked. */
export interface StreamReplay {
  readonly system: SystemSpec;
  readonly budget: string;
  readonly accounting: Accounting;
  /** Parameters of the materializer. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly every: number;
  /** Called after each run with the signatures that are stored. */
  readonly onStored?: (run: number, stored: ReadonlyMap<string, number>) => void;
}

/** Replays a stream; a row after every `every` runs and after the last. */
export async function* replayStream(
  stream: OpenmlStream,
  { system, budget, accounting, params, every, onStored }: StreamReplay,
  context: ExperimentContext,
): AsyncGenerator<StreamRow, void, undefined> {
  const rows: StreamRow[] = [];
  let newUs = 0;
  let goldUs = 0;
  const { iterations, models } = stream;
  const { failure } = await simulateCell({
    trace: simulatedTrace(stream),
    system,
    budget: parseBudget(budget),
    accounting,
    signal: context.signal,
    ...(params === undefined ? {} : { params: new Map([[system.materializer, params]]) }),
    onIteration: ({ iteration: { iteration: run }, row, nodes, stored }) => {
      // A run lists its own pipeline first, its model last of these.
      let isNew = true;
      for (const { node, computeUs, loadUs, writeUs } of nodes) {
        if (isNew) newUs += computeUs + loadUs + writeUs;
        else goldUs += computeUs + loadUs + writeUs;
        if (node.signature === models[run]) isNew = false;
      }
      onStored?.(run, stored);
      if ((run + 1) % every !== 0 && run + 1 !== iterations.length) return;
      const { cumulativeUs: totalUs, storedBytes } = row;
      rows.push({ executor: "simulated", accounting, runs: run + 1, totalUs, newUs, goldUs, storedBytes });
    },
  });
  if (failure !== undefined) throw failure;
  yield* rows;
}

/**
 * Least any policy can pay, whatever its budget: every result is computed once, an output that was there before at least
 * loaded. In microseconds; sources at no cost, so that it holds in every accounting.
 */
export function streamFloor({ iterations, models }: OpenmlStream): {
  readonly totalUs: number;
  readonly goldUs: number;
} {
  const seen = new Set<string>();
  let totalUs = 0;
  let goldUs = 0;
  for (const { iteration, nodes } of iterations)
    for (const node of nodes) {
      const us = !seen.has(node.signature)
        ? node.computeUs
        : node.output === true
          ? Math.min(node.loadUs ?? 0, node.computeUs)
          : 0;
      totalUs += us;
      if (node.output === true && node.signature !== models[iteration]) goldUs += us;
      seen.add(node.signature);
    }
  return { totalUs, goldUs };
}

/** Last rows of each cell under one accounting, as a table. */
export function streamTable(
  view: ResultView<Grid, StreamRow>,
  accounting: string,
  parameter: string,
): ResultTable | undefined {
  const cells = view.cells.filter(({ point, rows }) => point["accounting"] === accounting && rows.length > 0);
  if (cells.length === 0) return undefined;
  const seconds = (us: number): string => formatNumber(us / 1e6);
  return {
    title: `Accounting ${accounting}`,
    note:
      accounting === "collab"
        ? "the paper's own: sources stored outside the budget, writes free; simulated"
        : "compared across papers: sources never stored, every write charged; simulated",
    header: [parameter, "runs", "total s", "new s", "best again s", "stored MB"],
    rows: cells.map(({ point, rows }) => {
      const { runs, totalUs, newUs, goldUs, storedBytes } = rows.at(-1)!;
      return [
        String(point[parameter]),
        String(runs),
        seconds(totalUs),
        seconds(newUs),
        seconds(goldUs),
        formatNumber(storedBytes / 1e6),
      ];
    }),
  };
}
