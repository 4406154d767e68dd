/** Runs a stored simulated cell once more, to see what each iteration of it did; refuses where that would be another run. */
import type { IterationReport } from "../simulator/iteration-report.ts";
import { canonicalJson, type Cell } from "./cells.ts";
import type { Experiment } from "./experiment.ts";
import { policyVersion, runCell } from "./run-cell.ts";
import { openPlugIns, type PlugInSet } from "./run-plug-ins.ts";
import type { TraceLibrary } from "./run-traces.ts";

/** One replay of a trace that a cell made. */
export interface WatchedRun {
  readonly system: string;
  readonly reports: readonly IterationReport[];
}

/** What a cell did, or what is missing to see it. */
export type Watched = { readonly runs: readonly WatchedRun[] } | { readonly missing: string };

/** What cells may be run again with. */
export interface WatchMeans {
  /** The experiment of an id, built in or a plug-in's. */
  readonly experimentOf: (id: string) => Experiment | undefined;
  /** Where to look for traces: the first folder that has just the recordings a cell read. */
  readonly traces: readonly TraceLibrary[];
  /** Plug-in files, in any versions: a cell gets those whose hash it names. */
  readonly plugIns: readonly PlugInSet[];
  readonly signal: AbortSignal;
}

/** Watches cells one after the other. */
export class CellWatcher {
  readonly #means: WatchMeans;
  readonly #opened = new Map<string, Promise<PlugInSet>>();

  constructor(means: WatchMeans) {
    this.#means = means;
  }

  /** Runs a cell again from its configuration; its rows must come out as stored, or it would explain something else. */
  async watch(cell: Cell): Promise<Watched> {
    const { configuration, key } = cell;
    const { experimentOf, signal } = this.#means;
    if (configuration.executor !== "simulated") return { missing: `it was measured (${configuration.executor})` };
    const experiment = experimentOf(configuration.experiment);
    if (experiment === undefined)
      return { missing: `experiment "${configuration.experiment}" is not at hand; name its file with --plugin` };
    if (experiment.version !== configuration.experimentVersion)
      return {
        missing: `the experiment was of version ${configuration.experimentVersion}, here ${experiment.version}`,
      };
    const [version = "", ...hashes] = configuration.policy.split("+");
    if (version !== policyVersion) return { missing: `the simulator was of version ${version}, here ${policyVersion}` };
    const files = hashes.map((hash) => this.#means.plugIns.find((set) => set.hashes.includes(hash))?.files);
    const lost = hashes.find((_, i) => files[i] === undefined);
    if (lost !== undefined)
      return { missing: `the plug-in file with SHA-256 ${lost.slice(0, 12)}… is not at hand; name it with --plugin` };
    const traces = await this.#librariesWith(configuration.inputs);
    if ("missing" in traces) return traces;
    const plugIns = await this.#open(files.flatMap((names) => names ?? []));
    const runs: { readonly system: string; readonly reports: IterationReport[] }[] = [];
    const again = await runCell(
      experiment,
      configuration.params,
      { key, configuration },
      {
        seed: configuration.seed,
        traces: traces.library,
        signal,
        plugIns,
        watch: (system) => {
          const run = { system, reports: [] as IterationReport[] };
          runs.push(run);
          return (report) => void run.reports.push(report);
        },
      },
    );
    if (again.status !== "done") return { missing: `run again it fails: ${again.error?.message ?? again.status}` };
    if (canonicalJson(again.rows) !== canonicalJson(cell.rows))
      return { missing: "run again it gives other rows; it was made by other code or its rows were changed" };
    return runs.length === 0 ? { missing: "its experiment replays no trace that could be watched" } : { runs };
  }

  async #librariesWith(
    inputs: Readonly<Record<string, string>>,
  ): Promise<{ readonly library: TraceLibrary } | { readonly missing: string }> {
    let missing = "no folder of traces is at hand; name one with --traces";
    for (const library of this.#means.traces) {
      const other = await otherInput(library, inputs);
      if (other === undefined) return { library };
      missing = `trace ${other} with SHA-256 ${inputs[other]?.slice(0, 12) ?? ""}… is not at hand; name its folder with --traces`;
    }
    return { missing };
  }

  #open(files: readonly string[]): Promise<PlugInSet> {
    const key = files.join("\n");
    const known = this.#opened.get(key) ?? openPlugIns(files);
    this.#opened.set(key, known);
    return known;
  }
}

/** The first input that a library has not, or has as another recording. */
async function otherInput(
  library: TraceLibrary,
  inputs: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  for (const [reference, hash] of Object.entries(inputs)) {
    const found = await library.load(reference).catch(() => undefined);
    if (found?.sha256 !== hash) return reference;
  }
  return undefined;
}
