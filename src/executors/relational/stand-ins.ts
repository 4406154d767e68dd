import type { ResultHandle, Segment } from "../../core/executor.ts";

/**
 * By parent id that is neither in the segment nor an input: the equal node that is. `signatures` are those of the iteration
 * by node id.
 */
export function standInsOf(
  segment: Segment,
  inputs: ReadonlyMap<string, ResultHandle>,
  signatures: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const bySignature = new Map<string, string>();
  const present = new Set<string>(inputs.keys());
  for (const [id, { node }] of inputs) bySignature.set(node.signature, id);
  for (const { id, signature } of segment.nodes) {
    present.add(id);
    if (!bySignature.has(signature)) bySignature.set(signature, id);
  }
  const standIns = new Map<string, string>();
  for (const { parents } of segment.nodes)
    for (const parent of parents) {
      const equal = present.has(parent) ? undefined : bySignature.get(signatures.get(parent) ?? "");
      if (equal !== undefined) standIns.set(parent, equal);
    }
  return standIns;
}
