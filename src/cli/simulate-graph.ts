import { UsageError } from "../core/errors.ts";
import type { Materializer } from "../core/materializer.ts";
import type { UnionGraph } from "../simulator/experiment-graph.ts";
import type { CellOutcome } from "../simulator/simulate.ts";
import type { OptionValues } from "./command.ts";

/** Option of `simulate`. */
export const graphOption = {
  flags: "--graph <file>",
  description: "experiment graph of earlier runs: one batch system starts from it and adds to it",
} as const;

/**
 * Opens the graph that `--graph` names for one run, and replaces the file when the run went well: it is as it was otherwise.
 *
 * @param materializers one per cell that was asked for
 * @throws {UsageError} when that is not one cell of a batch materializer, or cannot be done with a time-out
 * @throws {StoreError} while another process writes the file; {DataFormatError} when it is damaged
 */
export async function openGraph(
  values: OptionValues,
  materializers: readonly (Materializer | undefined)[],
): Promise<{ readonly graph: UnionGraph; finish(outcome: CellOutcome): void; close(): void } | undefined> {
  const path = values["graph"];
  if (typeof path !== "string") return undefined;
  if (values["timeout"] !== undefined)
    throw new UsageError("--graph: a run that may be ended cannot write it; leave --timeout out");
  const [materializer, ...others] = materializers;
  if (materializer?.kind !== "batch" || others.length > 0)
    throw new UsageError(
      `--graph: ${materializers.length === 1 ? "this system keeps no experiment graph" : `${materializers.length} runs cannot share one`}; expected one trace, one budget and one system such as collab`,
    );
  const { ExperimentGraphFile } = await import("../harness/experiment-graph-file.ts");
  const file = await ExperimentGraphFile.open(path);
  return {
    graph: file.graph,
    finish({ failure, exclusion, aborted }) {
      if (failure === undefined && exclusion === undefined && !aborted) file.save();
    },
    close: () => file.close(),
  };
}
