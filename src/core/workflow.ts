import { WorkflowError } from "./errors.ts";
import type { NodeKind } from "./iteration.ts";
import type { Operator } from "./operators.ts";

/** A named operator of a workflow version with its parents. */
export interface WorkflowNode {
  /** Unique in the version; a label for people, never part of the signature. */
  readonly name: string;
  readonly operator: Operator;
  /** Names of the parents in the operator's order (it always matters: no operator's result is free of it), each once. */
  readonly parents: readonly string[];
  readonly kind: NodeKind;
  /** Absent = true. Results of nondeterministic nodes, and all that follows from them, are never reused. */
  readonly deterministic?: false;
}

/** One version of a workflow: a DAG of operators and the names of the results the user asked for. */
export interface WorkflowVersion {
  /** Parents stand before their children. */
  readonly nodes: readonly WorkflowNode[];
  /** Not empty, without repeats. */
  readonly outputs: readonly string[];
}

/** Nodes by name. @throws {WorkflowError} when two nodes share a name */
export function nodesByName(version: WorkflowVersion): ReadonlyMap<string, WorkflowNode> {
  const byName = new Map<string, WorkflowNode>();
  for (const node of version.nodes) {
    if (byName.has(node.name))
      throw new WorkflowError(`workflow: two nodes are named "${node.name}"; names must be unique; rename one`);
    byName.set(node.name, node);
  }
  return byName;
}

/**
 * Orders nodes parents first, keeping the given order wherever it allows, in O(V + E) time.
 *
 * @throws {WorkflowError} for a duplicate name, a parent that does not exist or is listed twice, or a cycle (named in full)
 */
export function inTopologicalOrder(nodes: readonly WorkflowNode[]): WorkflowNode[] {
  const byName = nodesByName({ nodes, outputs: [] });
  for (const { name, parents } of nodes) {
    for (const parent of parents)
      if (!byName.has(parent))
        throw new WorkflowError(
          `workflow: node "${name}" reads "${parent}", which does not exist; expected one of ${[...byName.keys()].join(", ")}`,
        );
    if (new Set(parents).size !== parents.length)
      throw new WorkflowError(`workflow: node "${name}" lists a parent twice (${parents.join(", ")}); list each once`);
  }
  const ordered: WorkflowNode[] = [];
  const state = new Map<string, "open" | "done">();
  for (const start of nodes) {
    const path: { readonly node: WorkflowNode; next: number }[] = [];
    const enter = (node: WorkflowNode): void => {
      state.set(node.name, "open");
      path.push({ node, next: 0 });
    };
    if (!state.has(start.name)) enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const parent = top.node.parents[top.next++];
      if (parent === undefined) {
        state.set(top.node.name, "done");
        ordered.push(top.node);
        path.pop();
      } else if (state.get(parent) === "open") {
        const from = path.findIndex(({ node }) => node.name === parent);
        const cycle = [...path.slice(from).map(({ node }) => node.name), parent].reverse();
        throw new WorkflowError(`workflow: cycle ${cycle.join(" → ")}; a node cannot follow from itself`);
      } else if (!state.has(parent)) {
        enter(byName.get(parent) as WorkflowNode);
      }
    }
  }
  return ordered;
}
