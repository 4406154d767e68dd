/** Classical random graphs of graphology-generators, oriented to DAGs: an edge runs from the lower to the higher number. */
import { UndirectedGraph } from "graphology";
import { clusters, erdosRenyi } from "graphology-generators/random/index.js";
import type { Rng } from "../../core/rng.ts";
import { DagBuilder, type Dag } from "./dag-builder.ts";

/** Binomial graph with 1.5 edges a node on average. O(nodes²). */
export function erdosRenyiDag(rng: Rng, nodes: number): Dag {
  return oriented(erdosRenyi(UndirectedGraph, { order: nodes, probability: Math.min(1, 3 / nodes), rng }), nodes);
}

/** Random clusters of some 40 nodes with 1.5 edges a node, most of them inside a cluster. */
export function clustersDag(rng: Rng, nodes: number): Dag {
  const wanted = Math.max(1, Math.round(nodes / 40));
  const size = Math.min(Math.round(1.5 * nodes), Math.floor((nodes * (nodes - 1)) / 4));
  return oriented(clusters(UndirectedGraph, { order: nodes, size, clusters: wanted, clusterDensity: 0.8, rng }), nodes);
}

function oriented(graph: UndirectedGraph, nodes: number): Dag {
  const parents = Array.from({ length: nodes }, (): number[] => []);
  graph.forEachEdge((_edge, _attributes, source, target) => {
    const [from, to] = [Number(source), Number(target)];
    if (from !== to) parents[Math.max(from, to)]!.push(Math.min(from, to));
  });
  const dag = new DagBuilder();
  for (const own of parents) dag.add([...new Set(own)].sort((a, b) => a - b));
  return dag.build();
}
