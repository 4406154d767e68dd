import type { TraceHeader, TraceIteration, TraceNode } from "../../core/iteration.ts";

const headerKeys = ["format", "version", "name", "domain", "requires", "source"];
const iterationKeys = [
  "iteration",
  "label",
  "changeType",
  "base",
  "columns",
  "nodes",
  "segments",
  "fusedUs",
  "metrics",
];
const nodeKeys = [
  "id",
  "op",
  "kind",
  "signature",
  "parents",
  "computeUs",
  "sizeBytes",
  "loadUs",
  "loadHotUs",
  "writeUs",
  "memoryBytes",
  "deterministic",
  "weight",
  "computeCv",
  "columns",
  "quality",
  "output",
];

/** The header as one canonical line without its line break: known fields in the order of the format, then the others by code point. */
export function headerLine(header: TraceHeader): string {
  return JSON.stringify(ordered(header, headerKeys));
}

/**
 * An iteration as one canonical line without its line break. Fields come in the order of the format, then unknown ones by
 * code point; what is undefined is left out; a node's `operator` (what an engine executes) is no part of a trace.
 */
export function iterationLine(iteration: TraceIteration): string {
  const nodes = iteration.nodes.map((node) => ordered(withoutOperator(node), nodeKeys));
  return JSON.stringify(ordered({ ...iteration, nodes }, iterationKeys));
}

function withoutOperator(node: TraceNode): object {
  if (node.operator === undefined) return node;
  const { operator: _, ...rest } = node;
  return rest;
}

/** A copy with the known keys first. A `Map`-like detour keeps a field called `__proto__` an ordinary field. */
function ordered(record: object, known: readonly string[]): object {
  const source = record as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(record).filter((key) => !known.includes(key));
  unknown.sort((a, b) => (a < b ? -1 : 1));
  const entries: [string, unknown][] = [];
  for (const key of [...known, ...unknown])
    if (Object.hasOwn(source, key) && source[key] !== undefined) entries.push([key, source[key]]);
  return Object.fromEntries(entries);
}
