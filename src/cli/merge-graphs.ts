import { UsageError } from "../core/errors.ts";
import { ExperimentGraphFile, readExperimentGraph } from "../harness/experiment-graph-file.ts";

/** What a merge of experiment graphs gave. */
export interface MergedGraphs {
  readonly graphs: number;
  readonly vertices: number;
}

/**
 * Merges experiment graphs of several users into a new file. Nothing is written unless all of them can be read and agree.
 *
 * @throws {DataFormatError} for a damaged file; {WorkflowError} for graphs that contradict each other; {StoreError} while another
 * process writes `out`; {UsageError} when `out` holds a graph already
 */
export async function mergeGraphs(files: readonly string[], out: string): Promise<MergedGraphs> {
  const target = await ExperimentGraphFile.open(out);
  try {
    if (target.graph.vertexCount > 0)
      throw new UsageError(`merge: ${out} holds an experiment graph already; name a new file by --out`);
    for (const file of files) target.graph.merge(await readExperimentGraph(file));
    target.save();
    return { graphs: files.length, vertices: target.graph.vertexCount };
  } finally {
    target.close();
  }
}
