import { operatorKey, signaturesOf } from "./signature.ts";
import type { WorkflowNode, WorkflowVersion } from "./workflow.ts";

/** How a version differs from the one it was edited from; every node of either version is in exactly one list. */
export interface VersionDiff {
  /** Same name, same signature. */
  readonly unchanged: readonly string[];
  /** Names of the new version without counterpart in the old one. */
  readonly added: readonly string[];
  /** Names of the old version without counterpart in the new one. */
  readonly removed: readonly string[];
  /** Same name, the operator itself or its list of parents is another. */
  readonly changed: readonly string[];
  /** Same name and operator on the same parents (up to renaming), but something above them changed. */
  readonly invalidated: readonly string[];
  /** Same signature under another name: nothing to recompute. */
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
}

/**
 * Compares two versions by signature, O(V + E).
 *
 * Renames are paired among names that only one of the versions has, by equal signature, in order of listing. A node that was
 * renamed and whose inputs changed at once counts as removed and added.
 */
export function diffVersions(before: WorkflowVersion, after: WorkflowVersion): VersionDiff {
  const oldSignatures = signaturesOf(before);
  const newSignatures = signaturesOf(after);
  const oldNodes = new Map(before.nodes.map((node) => [node.name, node]));

  const vacated = new Map<string, string[]>();
  for (const { name } of before.nodes) {
    const signature = oldSignatures.get(name) ?? "";
    if (!newSignatures.has(name)) vacated.set(signature, [...(vacated.get(signature) ?? []), name]);
  }
  const formerName = new Map<string, string>();
  const renamed: { from: string; to: string }[] = [];
  for (const { name } of after.nodes) {
    const from = oldNodes.has(name) ? undefined : vacated.get(newSignatures.get(name) ?? "")?.shift();
    if (from !== undefined) renamed.push({ from, to: name });
    formerName.set(name, from ?? name);
  }

  const unchanged: string[] = [];
  const added: string[] = [];
  const changed: string[] = [];
  const invalidated: string[] = [];
  const renamedTo = new Set(renamed.map(({ to }) => to));
  for (const node of after.nodes) {
    if (renamedTo.has(node.name)) continue;
    const old = oldNodes.get(node.name);
    if (old === undefined) added.push(node.name);
    else if (oldSignatures.get(node.name) === newSignatures.get(node.name)) unchanged.push(node.name);
    else if (isSameStep(old, node, formerName)) invalidated.push(node.name);
    else changed.push(node.name);
  }
  const renamedFrom = new Set(renamed.map(({ from }) => from));
  const removed = before.nodes
    .map(({ name }) => name)
    .filter((name) => !newSignatures.has(name) && !renamedFrom.has(name));
  return { unchanged, added, removed, changed, invalidated, renamed };
}

function isSameStep(old: WorkflowNode, node: WorkflowNode, formerName: ReadonlyMap<string, string>): boolean {
  return (
    operatorKey(old.operator) === operatorKey(node.operator) &&
    old.deterministic === node.deterministic &&
    old.parents.length === node.parents.length &&
    node.parents.every((parent, i) => (formerName.get(parent) ?? parent) === old.parents[i])
  );
}
