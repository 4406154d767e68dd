/**
 * A known sequence of workflow versions as the bounds see it: merged, sliced, priced, and with the places where one result
 * could be kept for later. The rules are those of the iteration loop (DESIGN §6); a test replays every optimum through the
 * loop and compares microseconds.
 */
import { helixPaperModel, type StorageCostModel } from "../core/cost-model.ts";
import { WorkflowError } from "../core/errors.ts";
import type { Iteration, TraceIteration, TraceNode } from "../core/iteration.ts";
import type { Accounting } from "../core/system.ts";

/** How a sequence is priced. */
export interface SequenceOptions {
  /** Default `uniform`. */
  readonly accounting?: Accounting;
  /** For loads and writes the trace does not have; default `helix-paper`. */
  readonly storageModel?: StorageCostModel;
  /** Charge recorded segments as wholes, as the loop does where the barrier tax is above 1.2; default false. */
  readonly chargeSegments?: boolean;
  /** Nondeterministic results may be reused; default false. */
  readonly reuseNondeterministic?: boolean;
}

/** A recorded segment whose results all exist in a version. */
export interface PricedSegment {
  /** Results, each once. */
  readonly results: readonly number[];
  /** The last listed: the only one that may be written when the segment is charged as a whole. */
  readonly last: number;
  readonly fusedUs: number;
}

/** One version: results 0…n−1 in listed order, parents first; microseconds and bytes of the version's own line. */
export interface PricedVersion {
  readonly nodeCount: number;
  /** Shape (n+1) and (edges). */
  readonly parentOffsets: Int32Array;
  readonly parentIds: Int32Array;
  readonly outputs: Int32Array;
  /** Shape (n). */
  readonly computeUs: Float64Array;
  /** Cost of loading, if stored. Shape (n). */
  readonly loadUs: Float64Array;
  /** 0 where writes are not charged. Shape (n). */
  readonly writeUs: Float64Array;
  /** Bytes against the budget; 0 where kept outside it. Shape (n). */
  readonly sizeBytes: Float64Array;
  /** Number of the signature in the sequence, −1 where the result may never be stored. Shape (n). */
  readonly classOf: Int32Array;
  /** 1 where a result is stored by itself when it is first computed: sources under `collab` accounting. Shape (n). */
  readonly autoStored: Uint8Array;
  /** Only with `chargeSegments`. */
  readonly segments: readonly PricedSegment[];
  /** Node ids, for people. Shape (n). */
  readonly ids: readonly string[];
  /** Node signatures. Shape (n). */
  readonly signatures: readonly string[];
  /** Results of the version, sliced ones included. */
  readonly distinctCount: number;
  readonly iteration: Iteration;
}

/**
 * A result that is of use when stored: it occurs in more than one version, or before the first one, or lies within a segment
 * that costs more as a whole, which writing it avoids.
 */
export interface ReusableResult {
  readonly signature: string;
  /** Ascending by version; at least one. */
  readonly occurrences: readonly { readonly version: number; readonly node: number }[];
  /** Bytes if it may be in the store before the first version (windows of a longer sequence); undefined = it may not. */
  readonly initialBytes: number | undefined;
}

/** A priced sequence. */
export interface PricedSequence {
  readonly versions: readonly PricedVersion[];
  readonly results: readonly ReusableResult[];
}

/** Prices a sequence, holding it whole. O(nodes + edges). @throws {WorkflowError} when a parent does not stand before its child */
export function priceSequence(iterations: readonly TraceIteration[], options: SequenceOptions = {}): PricedSequence {
  const pricer = new VersionPricer(options);
  return linkVersions(iterations.map((iteration) => pricer.price(iteration)));
}

/** Finds what versions have in common. `earlier` gives bytes of results that may be stored before the first version. */
export function linkVersions(
  versions: readonly PricedVersion[],
  earlier: ReadonlyMap<number, number> = new Map(),
): PricedSequence {
  const found = new Map<number, { version: number; node: number }[]>();
  versions.forEach(({ classOf, nodeCount }, version) => {
    for (let node = 0; node < nodeCount; node++) {
      const id = classOf[node]!;
      if (id < 0) continue;
      const list = found.get(id);
      if (list === undefined) found.set(id, [{ version, node }]);
      else list.push({ version, node });
    }
  });
  const results: ReusableResult[] = [];
  for (const [id, occurrences] of found) {
    const initialBytes = earlier.get(id);
    const { version, node } = occurrences[0]!;
    if (occurrences.length > 1 || initialBytes !== undefined || mattersToSegments(versions[version]!, node))
      results.push({ signature: versions[version]!.signatures[node]!, occurrences, initialBytes });
  }
  return { versions, results };
}

/**
 * Results within segments that cost more as a whole, but for the last: writing one has the segment charged node by node.
 * Empty in sound recordings.
 */
export function raisedInner({ segments, computeUs }: PricedVersion): ReadonlySet<number> {
  const inner = new Set<number>();
  for (const { results, last, fusedUs } of segments)
    if (results.reduce((sum, i) => sum + computeUs[i]!, 0) < fusedUs)
      for (const i of results) if (i !== last) inner.add(i);
  return inner;
}

/** True if writing the result can change how a segment is charged although nobody loads it. */
function mattersToSegments(version: PricedVersion, node: number): boolean {
  if (raisedInner(version).has(node)) return true;
  return version.autoStored[node] === 1 && version.segments.some(({ results }) => results.includes(node));
}

/** Prices versions one after the other; remembers signatures only. */
export class VersionPricer {
  readonly #accounting: Accounting;
  readonly #model: StorageCostModel;
  readonly #chargeSegments: boolean;
  readonly #reuseNondeterministic: boolean;
  readonly #classes = new Map<string, number>();

  constructor(options: SequenceOptions) {
    this.#accounting = options.accounting ?? "uniform";
    this.#model = options.storageModel ?? helixPaperModel;
    this.#chargeSegments = options.chargeSegments ?? false;
    this.#reuseNondeterministic = options.reuseNondeterministic ?? false;
  }

  price(iteration: TraceIteration): PricedVersion {
    const listed = iteration.nodes;
    const { at, merged, isOutput, distinctCount } = mergeEqual(iteration);

    // Slice: what no output needs is dropped.
    const needed = isOutput.slice();
    for (let i = listed.length - 1; i >= 0; i--)
      if (needed[i] === 1 && merged[i] === i)
        for (const parent of listed[i]!.parents) needed[merged[at.get(parent)!]!] = 1;
    const resultOf = new Int32Array(listed.length).fill(-1);
    const kept: number[] = [];
    for (let i = 0; i < listed.length; i++) {
      if (merged[i] !== i) resultOf[i] = resultOf[merged[i]!]!;
      else if (needed[i] === 1) {
        resultOf[i] = kept.length;
        kept.push(i);
      }
    }
    const n = kept.length;
    const isVolatile = new Uint8Array(n);
    for (let i = 0; i < listed.length; i++)
      if (resultOf[i]! >= 0 && listed[i]!.deterministic === false) isVolatile[resultOf[i]!] = 1;
    const parentOffsets = new Int32Array(n + 1);
    const parentIds: number[] = [];
    kept.forEach((i, r) => {
      const parents = new Set(listed[i]!.parents.map((parent) => resultOf[at.get(parent)!]!));
      for (const p of parents) {
        parentIds.push(p);
        if (isVolatile[p] === 1) isVolatile[r] = 1;
      }
      parentOffsets[r + 1] = parentIds.length;
    });

    const nodes = kept.map((i) => listed[i]!);
    const isSource = nodes.map(({ parents }) => parents.length === 0);
    return {
      nodeCount: n,
      parentOffsets,
      parentIds: Int32Array.from(parentIds),
      outputs: Int32Array.from(kept.flatMap((i, r) => (isOutput[i] === 1 ? [r] : []))),
      computeUs: Float64Array.from(nodes, ({ computeUs }) => computeUs),
      loadUs: Float64Array.from(nodes, (node) => this.#loadUs(node)),
      writeUs: Float64Array.from(nodes, (node) => (this.#accounting === "collab" ? 0 : this.#writeUs(node))),
      sizeBytes: Float64Array.from(nodes, ({ sizeBytes }, r) =>
        this.#accounting === "collab" && isSource[r] === true ? 0 : sizeBytes,
      ),
      classOf: Int32Array.from(nodes, ({ signature }, r) => {
        const maySource = this.#accounting !== "uniform" || isSource[r] === false;
        return maySource && (isVolatile[r] === 0 || this.#reuseNondeterministic) ? this.#classId(signature) : -1;
      }),
      autoStored: Uint8Array.from(isSource, (source, r) =>
        this.#accounting === "collab" && source && (isVolatile[r] === 0 || this.#reuseNondeterministic) ? 1 : 0,
      ),
      segments: this.#chargeSegments ? pricedSegments(iteration, at, resultOf) : [],
      ids: nodes.map(({ id }) => id),
      signatures: nodes.map(({ signature }) => signature),
      distinctCount,
      iteration,
    };
  }

  #classId(signature: string): number {
    const known = this.#classes.get(signature);
    if (known !== undefined) return known;
    const id = this.#classes.size;
    this.#classes.set(signature, id);
    return id;
  }

  #loadUs({ loadUs, sizeBytes, memoryBytes }: TraceNode): number {
    return loadUs ?? this.#model.loadUs(sizeBytes, memoryBytes ?? sizeBytes);
  }

  #writeUs({ writeUs, sizeBytes, memoryBytes }: TraceNode): number {
    return writeUs ?? this.#model.writeUs(sizeBytes, memoryBytes ?? sizeBytes);
  }
}

/** Nodes of one signature become the first one listed; outputs are those declared, else the sinks. */
function mergeEqual({ nodes, iteration }: TraceIteration): {
  at: Map<string, number>;
  merged: Int32Array;
  isOutput: Uint8Array;
  distinctCount: number;
} {
  const at = new Map<string, number>();
  const firstOf = new Map<string, number>();
  const merged = new Int32Array(nodes.length);
  const isParent = new Uint8Array(nodes.length);
  nodes.forEach((node, i) => {
    for (const parent of node.parents) {
      const p = at.get(parent);
      if (p === undefined)
        throw new WorkflowError(
          `iteration ${iteration}: node "${node.id}" has parent "${parent}", which does not stand before it; list parents first`,
        );
      isParent[p] = 1;
    }
    at.set(node.id, i);
    const first = firstOf.get(node.signature) ?? i;
    if (first === i) firstOf.set(node.signature, i);
    merged[i] = first;
  });
  const anyOutput = nodes.some(({ output }) => output === true);
  const isOutput = new Uint8Array(nodes.length);
  nodes.forEach(({ output }, i) => {
    if (anyOutput ? output === true : isParent[i] === 0) isOutput[merged[i]!] = 1;
  });
  return { at, merged, isOutput, distinctCount: firstOf.size };
}

function pricedSegments(
  iteration: Iteration,
  at: ReadonlyMap<string, number>,
  resultOf: Int32Array,
): readonly PricedSegment[] {
  const segments: PricedSegment[] = [];
  for (const { nodes, fusedUs } of iteration.segments ?? []) {
    const results = [...new Set(nodes.map((id) => resultOf[at.get(id) ?? -1] ?? -1))];
    const last = resultOf[at.get(nodes.at(-1) ?? "") ?? -1] ?? -1;
    if (results.length > 0 && !results.includes(-1)) segments.push({ results, last, fusedUs });
  }
  return segments;
}
