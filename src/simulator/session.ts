/**
 * Local pruning for interactive work: what a version made stays in the user's memory, so that the next one starts from it.
 *
 * Source: Derakhshan et al., SIGMOD 2020, §3 (local pruner): edges into results the client has are dropped, and whatever then
 * lies on no path from a source to an output.
 * Departures: a result stays until its node's name gets another one, as a notebook's variable does; memory has no limit, but
 * counts in `peakBytes`.
 */
import type { Executor, ResultHandle } from "../core/executor.ts";
import { PRUNE } from "../core/plan.ts";
import type { IterationRun } from "./iteration-run.ts";
import type { PreparedVersion } from "./prepare.ts";

/** A result in the user's memory. */
export interface HeldResult {
  /** Number of its signature in the run's `TextIndex`. */
  readonly signature: number;
  readonly handle: ResultHandle;
  /** Metric values it stands for, by what follows its node's id in their names. */
  readonly metrics: ReadonlyMap<string, number>;
}

/** The user's memory between versions. */
export class Session {
  readonly #executor: Executor;
  readonly #byId = new Map<string, HeldResult>();
  readonly #bySignature = new Map<number, HeldResult>();

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  /** Bytes of everything held. */
  get bytes(): number {
    let bytes = 0;
    for (const { handle } of this.#bySignature.values()) bytes += handle.memoryBytes;
    return bytes;
  }

  get(signature: number): HeldResult | undefined {
    return this.#bySignature.get(signature);
  }

  /** Takes over what an iteration has in memory; results whose last name now stands for something else are released. */
  async take({ iteration, version, live, metrics }: IterationRun): Promise<void> {
    for (const [listed, { id }] of iteration.nodes.entries()) {
      const signature = version.listedSignatures[listed]!;
      const known = this.#byId.get(id);
      if (known !== undefined && known.signature !== signature) this.#byId.delete(id);
      const result = version.resultOf[listed]!;
      const handle = result < 0 || version.volatile[result] === 1 ? undefined : live.handOver(result);
      if (handle !== undefined && !this.#bySignature.has(signature))
        this.#bySignature.set(signature, { signature, handle, metrics: metricsOf(version.nodes[result]!.id, metrics) });
      const held = this.#bySignature.get(signature);
      if (held !== undefined) this.#byId.set(id, held);
    }
    const named = new Set(this.#byId.values());
    for (const held of this.#bySignature.values()) {
      if (named.has(held)) continue;
      this.#bySignature.delete(held.signature);
      await this.#executor.release(held.handle);
    }
  }

  /** Releases everything. */
  async close(): Promise<void> {
    for (const { handle } of this.#bySignature.values()) await this.#executor.release(handle);
    this.#bySignature.clear();
    this.#byId.clear();
  }
}

/** A version without what the user's memory makes superfluous, and the held result of each node that is left (or none). */
export interface LocallyPruned {
  readonly version: PreparedVersion;
  /** Shape (n). */
  readonly held: readonly (HeldResult | undefined)[];
}

/** Drops edges into held results, then what no output needs any more. O(V + E). */
export function pruneLocally(version: PreparedVersion, session: Pick<Session, "get">): LocallyPruned {
  const { nodeCount: n, parentOffsets, parentIds, signatures } = version;
  const inMemory = Array.from({ length: n }, (_, i) =>
    version.volatile[i] === 1 ? undefined : session.get(signatures[i]!),
  );
  const needed = new Uint8Array(n);
  for (const o of version.outputs) needed[o] = 1;
  for (let i = n - 1; i >= 0; i--)
    if (needed[i] === 1 && inMemory[i] === undefined)
      for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++) needed[parentIds[e]!] = 1;

  const kept = Array.from({ length: n }, (_, i) => i).filter((i) => needed[i] === 1);
  const newId = new Int32Array(n).fill(-1);
  for (const [k, i] of kept.entries()) newId[i] = k;
  const offsets = [0];
  const parents: number[] = [];
  for (const i of kept) {
    if (inMemory[i] === undefined)
      for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++) parents.push(newId[parentIds[e]!]!);
    offsets.push(parents.length);
  }
  return {
    version: {
      ...version,
      nodeCount: kept.length,
      nodes: kept.map((i) => version.nodes[i]!),
      signatures: Int32Array.from(kept, (i) => signatures[i]!),
      parentOffsets: Int32Array.from(offsets),
      parentIds: Int32Array.from(parents),
      outputs: Int32Array.from(version.outputs, (o) => newId[o]!),
      volatile: Uint8Array.from(kept, (i) => version.volatile[i]!),
      resultOf: version.resultOf.map((result) => (result < 0 ? -1 : newId[result]!)),
      alone: kept.map(() => undefined),
    },
    held: kept.map((i) => inMemory[i]),
  };
}

/** States of a plan as they are executed: a held result is used as it is. Shape (n). */
export function statesWithout(held: LocallyPruned["held"], states: Uint8Array): Uint8Array {
  return states.map((state, i) => (held[i] === undefined ? state : PRUNE));
}

function metricsOf(id: string, metrics: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
  const own = Object.entries(metrics).filter(([name]) => name.startsWith(`${id}.`));
  return new Map(own.map(([name, value]) => [name.slice(id.length), value]));
}
