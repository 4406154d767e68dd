/**
 * The clairvoyant optimum as an integer program: which results to keep between which versions, so that the whole known
 * sequence costs least.
 *
 * Source: own; the yardstick named in `docs/bounds.md`.
 * Departures from the usual per-iteration formulation: a result's storage is decided once per *gap* between two of its
 * occurrences, because keeping it for a part of a gap is never of use; only these decisions are integer. For fixed gaps the
 * rest is, version by version, a minimum cut, so its linear program has integral vertices.
 */
import { COMPUTE, LOAD, PRUNE } from "../core/plan.ts";
import { LinearProgram } from "./linear-program.ts";
import type { ScheduledIteration } from "./schedule.ts";
import { type PricedSequence, type PricedVersion, raisedInner } from "./sequence.ts";

/** Columns of one occurrence of a reusable result; −1 where there is none. */
interface OccurrenceColumns {
  readonly load: number;
  /** Written at this occurrence to be kept. */
  readonly write: number;
  /** Written and dropped when the iteration ends, only to have a dear segment charged node by node. */
  readonly brief: number;
  /** Kept until the next occurrence: one column per size it may have been written with. */
  readonly keep: readonly { readonly bytes: number; readonly column: number }[];
}

/** Rows whose dual values are prices of the Lagrangian bound; −1 where there is none. */
export interface PriceRows {
  /** By result and occurrence: loads need a stored result. */
  readonly load: readonly Int32Array[];
  /** By result and occurrence: writes need a computed result. */
  readonly write: readonly Int32Array[];
  /** By version, the time before the first one first. */
  readonly budget: Int32Array;
}

/** The program of a sequence, and how to read its answer. */
export interface ClairvoyantProgram {
  readonly program: LinearProgram;
  /** Costs in the program are microseconds divided by this power of two. */
  readonly scale: number;
  readonly priceRows: PriceRows;
  /** Rounds an answer to a schedule; to be checked and priced by `priceSchedule`. */
  readonly decode: (values: Float64Array) => {
    readonly schedule: readonly ScheduledIteration[];
    readonly initial: readonly number[];
  };
}

/** Number of columns the program of a sequence will have, without building it. O(occurrences). */
export function countColumns({ versions, results }: PricedSequence): number {
  let columns = 0;
  for (const version of versions) columns += version.nodeCount + version.segments.length;
  for (const { occurrences } of results) columns += 3 * occurrences.length;
  return columns;
}

/**
 * Builds the program. O(nodes + edges + Σ gap lengths).
 *
 * Variables: x computed, ℓ loaded, u written, k kept until the next occurrence, f segment charged as a whole.
 * Minimize Σ c·x + l·ℓ + w·u − discount·f subject to x + ℓ ≥ 1 on outputs; x + ℓ of every parent ≥ x of its child;
 * ℓ ≤ k before; k after − k before ≤ u ≤ x; Σ bytes·k ≤ budget after each version; f ≤ x in its segment and f + u ≤ 1 for
 * all of it but the last.
 *
 * @param budgetBytes Infinity = no limit
 */
export function clairvoyantProgram(sequence: PricedSequence, budgetBytes: number): ClairvoyantProgram {
  const { versions, results } = sequence;
  const scale = scaleOf(versions);
  const program = new LinearProgram();
  const unsafe = versions.map(raisedBySegments);
  const computed = versions.map((version, t) =>
    Int32Array.from(version.computeUs, (us, i) => program.column(us / scale, { integer: unsafe[t]!.has(i) })),
  );
  const available = versions.map((version, t) =>
    Array.from({ length: version.nodeCount }, (_, i): [number, number][] => [[computed[t]![i]!, 1]]),
  );
  const held = Array.from({ length: versions.length + 1 }, (): [column: number, bytes: number][] => []);
  const writes = versions.map(() => new Map<number, readonly [number, number][]>());
  const raised = versions.map(raisedInner);
  const starts: { id: number; column: number }[] = [];
  const loadRows: Int32Array[] = [];
  const writeRows: Int32Array[] = [];

  // Storage of each result, gap by gap.
  const columns = results.map(({ occurrences, initialBytes }, id): readonly OccurrenceColumns[] => {
    loadRows.push(new Int32Array(occurrences.length).fill(-1));
    writeRows.push(new Int32Array(occurrences.length).fill(-1));
    let before: { bytes: number; column: number }[] = [];
    if (initialBytes !== undefined) {
      const column = program.column(0, { integer: true });
      starts.push({ id, column });
      before.push({ bytes: initialBytes, column });
      for (let t = 0; t <= occurrences[0]!.version; t++) held[t]!.push([column, initialBytes]);
    }
    return occurrences.map(({ version: t, node }, i) => {
      const version = versions[t]!;
      let load = -1;
      if (before.length > 0) {
        load = program.column(version.loadUs[node]! / scale);
        available[t]![node]!.push([load, 1]);
        loadRows[id]![i] = program.row(0, Infinity, [
          ...before.map((k): [number, number] => [k.column, 1]),
          [load, -1],
        ]);
      }
      const bytes = version.sizeBytes[node]!;
      const next = occurrences[i + 1];
      const written: [number, number][] = [];
      writes[t]!.set(node, written);
      const addWrite = (integer: boolean): { column: number; row: number } => {
        const column = program.column(version.writeUs[node]! / scale, { integer });
        written.push([column, 1]);
        const row = program.row(0, Infinity, [
          [computed[t]![node]!, 1],
          [column, -1],
        ]);
        // What is stored is not written again; to be said only where that could be of use.
        if (before.length > 0 && (integer || before.some((k) => k.bytes !== bytes)))
          program.row(-Infinity, 1, [...before.map((k): [number, number] => [k.column, 1]), [column, 1]]);
        return { column, row };
      };
      // What is stored by itself is written the first time it is computed, and stays.
      const isForced = version.autoStored[node] === 1 && version.segments.length > 0;
      const force = (column: number): void => {
        const old = before.map((k): [number, number] => [k.column, 1]);
        program.row(0, Infinity, [...old, [column, 1], [computed[t]![node]!, -1]]);
      };
      const brief = raised[t]!.has(node) || (isForced && next === undefined) ? addWrite(true).column : -1;
      if (isForced && next === undefined) force(brief);
      if (brief >= 0) held[t + 1]!.push([brief, bytes]);
      if (next === undefined) return { load, write: -1, brief, keep: [] };
      const { column: write, row } = addWrite(isForced);
      if (isForced) force(write);
      writeRows[id]![i] = row;
      const sizes = new Set([...before.map((k) => k.bytes), bytes]);
      const keep = [...sizes].map((size) => {
        const column = program.column(0, { integer: true });
        const entries: [number, number][] = [[column, -1]];
        const old = before.find((k) => k.bytes === size);
        if (old !== undefined) entries.push([old.column, 1]);
        if (size === bytes) entries.push([write, 1]);
        program.row(0, Infinity, entries);
        for (let at = t + 1; at <= next.version; at++) held[at]!.push([column, size]);
        // A write that is not kept would be a brief one, which takes its bytes.
        if (size === bytes && brief >= 0)
          program.row(0, Infinity, [
            [column, 1],
            [write, -1],
          ]);
        return { bytes: size, column };
      });
      if (isForced)
        for (const column of [write, ...before.map((k) => k.column)])
          program.row(0, Infinity, [...keep.map((k): [number, number] => [k.column, 1]), [column, -1]]);
      before = keep;
      return { load, write, brief, keep };
    });
  });

  // Each version's plan.
  versions.forEach((version, t) => {
    const { nodeCount, parentOffsets, parentIds, outputs } = version;
    for (const o of outputs) program.row(1, Infinity, available[t]![o]!);
    for (let i = 0; i < nodeCount; i++)
      for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++)
        program.row(0, Infinity, [...available[t]![parentIds[e]!]!, [computed[t]![i]!, -1]]);
    addSegments(program, version, computed[t]!, writes[t]!, scale);
  });

  // The budget after each version, where it can bind.
  const budget = Int32Array.from(held, (entries) => {
    let bytes = 0;
    for (const [, size] of entries) bytes += size;
    if (bytes <= budgetBytes) return -1;
    const unit = Math.max(1, budgetBytes);
    return program.row(
      -Infinity,
      budgetBytes / unit,
      entries.map(([column, size]): [number, number] => [column, size / unit]),
    );
  });

  return {
    program,
    scale,
    priceRows: { load: loadRows, write: writeRows, budget },
    decode(values) {
      const isOn = (column: number): boolean => column >= 0 && values[column]! > 0.5;
      const schedule = versions.map((version, t) => ({
        states: Uint8Array.from({ length: version.nodeCount }, (_, i) => (isOn(computed[t]![i]!) ? COMPUTE : PRUNE)),
        stored: [] as number[],
      }));
      for (const { id, column } of starts)
        if (isOn(column))
          for (let at = 0; at < results[id]!.occurrences[0]!.version; at++) schedule[at]!.stored.push(id);
      results.forEach(({ occurrences }, id) =>
        occurrences.forEach(({ version: t, node }, i) => {
          const { load, keep, brief } = columns[id]![i]!;
          const { states } = schedule[t]!;
          if (isOn(load) && states[node] !== COMPUTE) states[node] = LOAD;
          if (keep.some(({ column }) => isOn(column)))
            for (let at = t; at < occurrences[i + 1]!.version; at++) schedule[at]!.stored.push(id);
          else if (isOn(brief)) schedule[t]!.stored.push(id);
        }),
      );
      return { schedule, initial: starts.filter(({ column }) => isOn(column)).map(({ id }) => id) };
    },
  };
}

function addSegments(
  program: LinearProgram,
  version: PricedVersion,
  computed: Int32Array,
  writes: ReadonlyMap<number, readonly [number, number][]>,
  scale: number,
): void {
  const chargedBy = new Map<number, [number, number][]>();
  for (const { results, last, fusedUs } of version.segments) {
    const discountUs = results.reduce((sum, i) => sum + version.computeUs[i]!, 0) - fusedUs;
    const whole = program.column(-discountUs / scale);
    const all: [number, number][] = [[whole, 1]];
    for (const i of results) {
      program.row(0, Infinity, [
        [computed[i]!, 1],
        [whole, -1],
      ]);
      const written = i === last ? [] : (writes.get(i) ?? []);
      if (written.length > 0) program.row(-Infinity, 1, [[whole, 1], ...written]);
      all.push([computed[i]!, -1], ...written);
      const others = chargedBy.get(i);
      if (others === undefined) chargedBy.set(i, [[whole, 1]]);
      else others.push([whole, 1]);
    }
    // A segment that is dearer as a whole is not optional.
    if (discountUs < 0) program.row(1 - results.length, Infinity, all);
  }
  for (const wholes of chargedBy.values()) if (wholes.length > 1) program.row(-Infinity, 1, wholes);
}

/** Results of segments that cost more as a whole: their states do not come out integral by themselves. */
function raisedBySegments({ segments, computeUs }: PricedVersion): ReadonlySet<number> {
  const raised = segments.filter(
    ({ results, fusedUs }) => results.reduce((sum, i) => sum + computeUs[i]!, 0) < fusedUs,
  );
  return new Set(raised.flatMap(({ results }) => results));
}

/** A power of two that brings the dearest operation to at most 4,096. */
function scaleOf(versions: readonly PricedVersion[]): number {
  let highest = 1;
  for (const { computeUs, loadUs, writeUs } of versions)
    for (const costs of [computeUs, loadUs, writeUs]) for (const us of costs) highest = Math.max(highest, us);
  let scale = 1;
  while (highest / scale > 4096) scale *= 2;
  return scale;
}
