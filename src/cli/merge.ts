import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../core/errors.ts";
import type { Scalar } from "../harness/cells.ts";
import type { Grid } from "../harness/experiment.ts";
import { runExperiment } from "../harness/run.ts";
import { experimentIn, mergeResults } from "../harness/run-merge.ts";
import { TraceLibrary } from "../harness/run-traces.ts";
import type { ResultMeta } from "../harness/run-derived.ts";
import type { Command } from "./command.ts";
import { experimentOf, textOption } from "./experiment-choice.ts";
import { openedPlugIns, plugInOption } from "./plug-in-option.ts";
import { renderRecords } from "./print-records.ts";

/** The grid the merged runs had together: every value of each parameter, in the order of the folders. */
function gridOf(settings: readonly ResultMeta[]): { readonly grid?: Grid } {
  if (settings.length === 0) return {};
  const grid: Record<string, Scalar[]> = {};
  for (const { params } of settings)
    for (const [name, values] of Object.entries(params)) grid[name] = [...new Set([...(grid[name] ?? []), ...values])];
  return { grid };
}

/**
 * `reuselab merge FOLDER… --out DIR`: result folders of one experiment become `DIR/ID`, tables and charts made anew.
 * `reuselab merge GRAPH… --out FILE`: experiment graphs of several users become one.
 */
export const command: Command = {
  name: "merge",
  summary:
    "merge result folders of one experiment (shards, copies of other machines), or experiment graphs of several users",
  arguments: "<folder...>",
  options: [
    {
      flags: "--out <dir>",
      description: "folder that holds the merged result folder; of graphs, the new file",
      default: "results",
    },
    { flags: "--traces <dir>", description: "folder of recorded traces (default: the shipped ones)" },
    plugInOption,
  ],
  async run({ values, positionals }, effects) {
    if (
      positionals.length > 0 &&
      positionals.every((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    ) {
      const out = textOption(values, "out") ?? "results";
      if (out === "results") throw new UsageError("merge: experiment graphs need a new file; name it by --out");
      const { mergeGraphs } = await import("./merge-graphs.ts");
      const merged = await mergeGraphs(positionals, out);
      effects.stdout(renderRecords([{ file: out, ...merged }], ["file", "graphs", "vertices"], values["format"]));
      return 0;
    }
    const id = positionals.map((folder) => experimentIn(folder)).find((found) => found !== undefined);
    if (id === undefined) throw new UsageError(`merge: no cells in ${positionals.join(", ")}; expected result folders`);
    const folder = join(textOption(values, "out") ?? "results", id);
    const plugIns = await openedPlugIns(values);
    const experiment = experimentOf(id, plugIns.loaded);
    const traces = textOption(values, "traces");
    const metas = positionals.map((from) => join(from, "meta.json")).filter(existsSync);
    const settings = metas.map((file) => JSON.parse(readFileSync(file, "utf8")) as ResultMeta);
    const { cells, runs, repeated } = mergeResults(positionals, folder);
    await runExperiment(experiment, {
      folder,
      quick: settings.length > 0 && settings.every(({ quick }) => quick),
      seed: settings[0]?.seed ?? experiment.seed,
      deriveOnly: true,
      ...gridOf(settings),
      plugIns,
      ...(traces === undefined ? {} : { traces: new TraceLibrary(traces) }),
      signal: effects.signal,
    });
    if (repeated.length > 0)
      effects.stderr(`${repeated.length} measured cells were in several folders; the first named was kept\n`);
    effects.stdout(
      renderRecords(
        [{ experiment: id, folder, cells, runs }],
        ["experiment", "folder", "cells", "runs"],
        values["format"],
      ),
    );
    return 0;
  },
};
