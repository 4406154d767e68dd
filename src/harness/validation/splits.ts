/**
 * Costs of versions from recordings of something else: of the same versions in other runs, of other edits, of fewer rows, of
 * another storage profile. Pure; what is real about the versions (structure, signatures, operators) stays.
 */
import type { LinearCost } from "../../core/cost-model.ts";
import { WorkflowError } from "../../core/errors.ts";
import type { ColumnBytes, Iteration, TraceIteration, TraceNode } from "../../core/iteration.ts";
import { priceVersions } from "../../workloads/costing.ts";

/** How predictions are calibrated: by the versions themselves, or by something held out. */
export const splits = ["in-sample", "sequence", "scale", "storage"] as const;
export type Split = (typeof splits)[number];

/** What a split is, for people. */
export const splitTitles: Readonly<Record<Split, string>> = {
  "in-sample": "in sample: a recording of the same versions, made in other runs",
  sequence: "held out: another edit sequence over the same operators (every edit once on the first version)",
  scale: "held out: recordings of a tenth and a hundredth of the rows, extrapolated line by line",
  storage: "held out: another storage profile, its loads modelled from recordings of fewer rows",
};

/** Numbers of a node that grow with the data. */
const costFields = ["computeUs", "sizeBytes", "loadUs", "loadHotUs", "writeUs", "memoryBytes"] as const;

type Costs = Partial<Pick<TraceNode, (typeof costFields)[number]>>;

/** Costs of the recorded versions, by number of the version and id of the node. @throws {WorkflowError} where they differ */
export function costsOfSame(
  versions: readonly Iteration[],
  recorded: readonly TraceIteration[],
): readonly TraceIteration[] {
  return merged(versions, [recorded], ([only]) => only as number);
}

/** Costs of the most alike nodes of another sequence. */
export function costsOfOther(
  versions: readonly Iteration[],
  recorded: readonly TraceIteration[],
): readonly TraceIteration[] {
  return priceVersions(versions, recorded).iterations;
}

/** Reads stored results from the page cache: the loads that were recorded the second time. */
export function withHotLoads(iterations: readonly TraceIteration[]): readonly TraceIteration[] {
  return withLoads(iterations, ({ loadHotUs, loadUs }) => loadHotUs ?? loadUs);
}

/** Loads under another profile, priced by bytes; not below the hot load, which does the same work. */
export function withModelledLoads(iterations: readonly TraceIteration[], load: LinearCost): readonly TraceIteration[] {
  return withLoads(iterations, ({ loadHotUs = 0, sizeBytes, memoryBytes = 0 }) =>
    Math.max(loadHotUs, Math.ceil(load.baseUs + load.usPerByte * sizeBytes + load.usPerMemoryByte * memoryBytes)),
  );
}

/** Loads and writes that take at least `leastUs` of their bytes. */
export function withLeastTransfers(
  iterations: readonly TraceIteration[],
  leastUs: (bytes: number) => number,
): readonly TraceIteration[] {
  return withHotLoads(iterations).map((iteration) => ({
    ...iteration,
    nodes: iteration.nodes.map((node) => {
      const us = leastUs(node.sizeBytes);
      return { ...node, loadUs: Math.max(node.loadUs ?? 0, us), writeUs: Math.max(node.writeUs ?? 0, us) };
    }),
  }));
}

function withLoads(
  iterations: readonly TraceIteration[],
  loadOf: (node: TraceNode) => number | undefined,
): readonly TraceIteration[] {
  return iterations.map((iteration) => ({
    ...iteration,
    nodes: iteration.nodes.map(({ loadUs: recorded, ...node }) => {
      const loadUs = loadOf(recorded === undefined ? node : { ...node, loadUs: recorded });
      return loadUs === undefined ? node : { ...node, loadUs };
    }),
  }));
}

/** Versions with numbers made from those of one or more recordings of the same nodes, in the order of the recordings. */
export function merged(
  versions: readonly Iteration[],
  recordings: readonly (readonly TraceIteration[])[],
  merge: (values: readonly number[]) => number,
): readonly TraceIteration[] {
  return versions.map((version, i): TraceIteration => {
    const lines = recordings.map((recording) => lineOf(recording, i, version));
    const byId = lines.map(({ nodes }) => new Map(nodes.map((node) => [node.id, node])));
    const nodes = version.nodes.map((node): TraceNode => {
      const same = byId.map((nodes) => nodes.get(node.id));
      const costs: Record<string, number> = {};
      for (const field of costFields) {
        const values = same.map((recorded) => recorded?.[field]);
        if (values.every((value) => value !== undefined)) costs[field] = merge(values);
      }
      const columns = mergedColumns(same, merge);
      const known = {
        ...(same[0]?.quality === undefined ? {} : { quality: same[0].quality }),
        ...(columns === undefined ? {} : { columns }),
      };
      return requireCosts({ ...node, ...(costs as Costs), ...known }, version);
    });
    const metrics = lines[0]?.metrics;
    const wholes = lines.map(({ fusedUs }) => fusedUs);
    const segments = lines[0]?.segments?.flatMap(({ nodes: ids }, k) => {
      const values = lines.map((line) => line.segments?.[k]?.fusedUs);
      return values.every((value) => value !== undefined) ? [{ nodes: ids, fusedUs: merge(values) }] : [];
    });
    return {
      ...version,
      nodes,
      ...(segments === undefined ? {} : { segments }),
      ...(wholes.every((value) => value !== undefined) ? { fusedUs: merge(wholes) } : {}),
      ...(metrics === undefined ? {} : { metrics }),
    };
  });
}

/** Columns of a node in recordings that all list as many, place by place; ids are the first one's. */
function mergedColumns(
  same: readonly (TraceNode | undefined)[],
  merge: (values: readonly number[]) => number,
): TraceNode["columns"] {
  const [first, ...others] = same.map((node) => node?.columns);
  if (first === undefined || others.some((columns) => columns?.length !== first.length)) return undefined;
  return first.map((column, k): ColumnBytes => {
    const alike = [column, ...others.map((columns) => columns![k]!)];
    const memory = alike.map(({ memoryBytes }) => memoryBytes);
    const bytes = merge(alike.map((one) => one.bytes));
    return memory.every((value) => value !== undefined)
      ? { ...column, bytes, memoryBytes: merge(memory) }
      : { ...column, bytes };
  });
}

/** Nodes of all lines, each result once, as on the last line that has it. */
export function distinctNodes(iterations: readonly TraceIteration[]): readonly TraceNode[] {
  return [...new Map(iterations.flatMap(({ nodes }) => nodes.map((node) => [node.signature, node]))).values()];
}

function lineOf(recording: readonly TraceIteration[], i: number, version: Iteration): TraceIteration {
  const line = recording[i];
  if (line === undefined || line.nodes.length !== version.nodes.length)
    throw new WorkflowError(`validation: iteration ${i} of the recording is not iteration ${i} of the workload`);
  return line;
}

function requireCosts(node: Omit<TraceNode, "computeUs" | "sizeBytes"> & Costs, { iteration }: Iteration): TraceNode {
  const { computeUs, sizeBytes } = node;
  if (computeUs === undefined || sizeBytes === undefined)
    throw new WorkflowError(`validation: iteration ${iteration}: node "${node.id}" was not recorded`);
  return { ...node, computeUs, sizeBytes };
}
