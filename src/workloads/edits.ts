import { diffVersions } from "../core/diff.ts";
import { WorkflowError } from "../core/errors.ts";
import type { ChangeType, Iteration, IterationNode } from "../core/iteration.ts";
import { operationOf, operatorKey, signatureOf } from "../core/signature.ts";
import type { WorkflowNode, WorkflowVersion } from "../core/workflow.ts";

/** What an edit of a workflow changes; the first version is no edit. */
export type EditType = Exclude<ChangeType, "initial">;

/** One step a user takes: from a version to the next. */
export interface Edit {
  readonly label: string;
  readonly changeType: EditType;
  /** Pure: the given version stays as it is. */
  readonly apply: (version: WorkflowVersion) => WorkflowVersion;
}

/** What is run next: an edit of an earlier run's version (default the previous run), or an earlier version once more. */
export type Run = { readonly edit: Edit; readonly base?: number } | { readonly again: number };

/** A first version and a tree of edits in the order of runs; run 0 is the first version. */
export interface EditTree {
  readonly first: WorkflowVersion;
  readonly runs: readonly Run[];
}

const weightOf: Readonly<Record<EditType, number>> = { ppr: 0, li: 1, dpr: 2 };

/**
 * The iterations of a tree of edits, signed, with operators, without costs.
 *
 * A version that is run again has the run it repeats as its `base` (going back to it edits nothing) and, as change type, the
 * heaviest phase in which it differs from the version run just before.
 *
 * @throws {WorkflowError} for a base that has not been run yet, or an edit that makes an invalid version
 */
export function flattenEdits(tree: EditTree): readonly Iteration[] {
  const versions: WorkflowVersion[] = [tree.first];
  const sign = signer();
  const iterations: Iteration[] = [{ iteration: 0, label: "initial", changeType: "initial", nodes: sign(tree.first) }];
  for (const [i, run] of tree.runs.entries()) {
    const iteration = i + 1;
    const base = "again" in run ? run.again : (run.base ?? i);
    const from = versions[base];
    const previous = versions[i];
    if (from === undefined || previous === undefined)
      throw new WorkflowError(`workload: run ${iteration} starts from run ${base}; expected one of 0 to ${i}`);
    const version = "again" in run ? from : run.edit.apply(from);
    versions.push(version);
    iterations.push({
      iteration,
      label: "again" in run ? `back to ${run.again}` : run.edit.label,
      changeType: "again" in run ? heaviestChange(previous, version) : run.edit.changeType,
      base,
      nodes: sign(version),
    });
  }
  return iterations;
}

/** Signs versions that share most of their nodes: each distinct (operator, parents) is hashed once. */
function signer(): (version: WorkflowVersion) => readonly IterationNode[] {
  const known = new Map<string, string>();
  const operations = new Map<string, string>();
  return ({ nodes, outputs }) => {
    const signatures = new Map<string, string>();
    return nodes.map((node) => {
      const above = node.parents.map((parent) => signatures.get(parent) ?? "");
      const key = `${operatorKey(node.operator)}\n${above.join("\n")}\n${node.deterministic ?? true}`;
      const signature = known.get(key) ?? signatureOf(node.operator, above, node.deterministic ?? true);
      known.set(key, signature);
      signatures.set(node.name, signature);
      const operation = operations.get(operatorKey(node.operator)) ?? operationOf(node.operator);
      operations.set(operatorKey(node.operator), operation);
      return iterationNode(node, signature, operation, outputs.includes(node.name));
    });
  };
}

function iterationNode(node: WorkflowNode, signature: string, operation: string, isOutput: boolean): IterationNode {
  const { name: id, operator, parents, kind, deterministic } = node;
  return {
    id,
    op: operator.op,
    signature,
    parents,
    kind,
    operation,
    operator,
    ...(deterministic === false ? { deterministic } : {}),
    ...(isOutput ? { output: true } : {}),
  };
}

function heaviestChange(before: WorkflowVersion, after: WorkflowVersion): EditType {
  const { added, changed, removed } = diffVersions(before, after);
  const touched = new Set([...added, ...changed]);
  const gone = new Set(removed);
  const kinds = [
    ...after.nodes.filter(({ name }) => touched.has(name)),
    ...before.nodes.filter(({ name }) => gone.has(name)),
  ].map(({ kind }) => kind);
  return kinds.reduce<EditType>((heaviest, kind) => (weightOf[kind] > weightOf[heaviest] ? kind : heaviest), "ppr");
}

/** True if two versions have the same nodes by name, with the same operators and parents, and the same outputs. */
export function isSameVersion(a: WorkflowVersion, b: WorkflowVersion): boolean {
  if (a.nodes.length !== b.nodes.length || a.outputs.length !== b.outputs.length) return false;
  const byName = new Map(b.nodes.map((node) => [node.name, node]));
  return (
    a.outputs.every((output) => b.outputs.includes(output)) &&
    a.nodes.every((node) => {
      const other = byName.get(node.name);
      return (
        node === other ||
        (other !== undefined &&
          node.deterministic === other.deterministic &&
          node.parents.length === other.parents.length &&
          node.parents.every((parent, i) => parent === other.parents[i]) &&
          operatorKey(node.operator) === operatorKey(other.operator))
      );
    })
  );
}
