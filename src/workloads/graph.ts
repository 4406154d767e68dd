import { DirectedGraph } from "graphology";
import { hasCycle } from "graphology-dag";
import { WorkflowError } from "../core/errors.ts";
import type { NodeKind } from "../core/iteration.ts";
import type { Operator } from "../core/operators.ts";
import type { WorkflowNode, WorkflowVersion } from "../core/workflow.ts";
import { WorkflowBuilder } from "./dsl.ts";

/** What a graph's node carries. */
export interface WorkflowNodeAttributes {
  readonly operator: Operator;
  readonly kind: NodeKind;
  readonly isOutput: boolean;
  readonly deterministic: boolean;
}

/** What an edge parent → child carries: which of the child's parents it is, from 0. */
export interface WorkflowEdgeAttributes {
  readonly position: number;
}

/** A workflow version as a graphology graph; keys are node names. */
export type WorkflowGraph = DirectedGraph<WorkflowNodeAttributes, WorkflowEdgeAttributes>;

/** Exports a version for graphology's algorithms, layouts and generators; O(V + E). */
export function toGraph(version: WorkflowVersion): WorkflowGraph {
  const graph: WorkflowGraph = new DirectedGraph();
  for (const { name, operator, kind, deterministic } of version.nodes)
    graph.addNode(name, {
      operator,
      kind,
      isOutput: version.outputs.includes(name),
      deterministic: deterministic ?? true,
    });
  for (const { name, parents } of version.nodes)
    for (const [position, parent] of parents.entries()) graph.addDirectedEdge(parent, name, { position });
  return graph;
}

/**
 * Imports a graph as a workflow version, checked as the DSL checks: ports, parameters, outputs.
 * @throws {WorkflowError} for a cycle or anything else that is no workflow
 */
export function fromGraph(graph: WorkflowGraph): WorkflowVersion {
  if (hasCycle(graph)) throw new WorkflowError("graph: has a cycle; expected a directed acyclic graph");
  const nodes = graph.mapNodes((name, { operator, kind, deterministic }): WorkflowNode => {
    const parents = graph
      .mapInEdges(name, (_edge, { position }, parent) => ({ position, parent }))
      .sort((a, b) => a.position - b.position)
      .map(({ parent }) => parent);
    return { name, operator, parents, kind, ...(deterministic ? {} : { deterministic: false }) };
  });
  const outputs = graph.filterNodes((_name, { isOutput }) => isOutput);
  return new WorkflowBuilder({ nodes, outputs }).build();
}
