import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { UnionGraph } from "../../simulator/experiment-graph.ts";
import { readExperimentGraph, writeExperimentGraph } from "../experiment-graph-file.ts";

/** The experiment graph of a real run, kept beside its rows so that a run that was cut off goes on with it. */
export interface RunGraph {
  readonly graph: UnionGraph;
  /** Keeps the graph as it is after so many iterations; to be called before the last of them counts as finished. */
  save(iterations: number): void;
}

/**
 * Reads the graph as it was after the finished iterations. One file per number of iterations, so that neither a graph without
 * its row nor a row without its graph is ever taken for the other.
 *
 * @throws {DataFormatError} when the file is damaged
 */
export async function openRunGraph(folder: string, finished: number): Promise<RunGraph> {
  const pathOf = (iterations: number): string => join(folder, `graph-${iterations}.jsonl`);
  const graph = existsSync(pathOf(finished)) ? await readExperimentGraph(pathOf(finished)) : new UnionGraph();
  return {
    graph,
    save(iterations) {
      writeExperimentGraph(pathOf(iterations), graph);
      rmSync(pathOf(iterations - 2), { force: true });
    },
  };
}
