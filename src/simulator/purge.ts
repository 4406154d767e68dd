import type { Iteration } from "../core/iteration.ts";
import type { Purge } from "../core/system.ts";
import type { Catalog, CatalogEntry } from "./catalog.ts";
import { TextIndex } from "./text-index.ts";

/** Numbers as they are, or as runs of consecutive ones: first number and length of each. */
interface PackedNumbers {
  readonly numbers: Int32Array;
  readonly areRuns: boolean;
}

/** Node ids and signatures of one version, by number; the signatures whole, or as what differs from another version. */
interface Version {
  readonly ids: Int32Array;
  readonly signatures: PackedNumbers | undefined;
  readonly like: Version | undefined;
  /** One bit for each listed node that differs, and the signatures of those nodes. */
  readonly differs: Uint8Array;
  readonly changes: PackedNumbers;
  /** Steps to a version that is held whole. */
  readonly depth: number;
}

/** Longest way to a version held whole: bounds the time of a look-up, costs 1/32 of holding all. */
const longestWay = 32;
const nothing: PackedNumbers = { numbers: new Int32Array(0), areRuns: false };
const noBits = new Uint8Array(0);

/**
 * Which stored results an iteration deletes before it starts (DESIGN §6).
 *
 * `original` needs every earlier version, because any of them may be the base of a later one: 4 bytes for each node whose
 * signature differs from the base's, a quarter of a byte for each other one. Signatures seen for the first time are numbered
 * one after the other, so that they take next to nothing.
 */
export class Purger {
  readonly #purge: Purge;
  readonly #ids = new TextIndex();
  readonly #versions = new Map<number, Version>();

  constructor(purge: Purge) {
    this.#purge = purge;
  }

  /**
   * The results to delete when an iteration starts; remembers the version.
   *
   * @param signatures signature number of each listed node
   * @param heldIds numbers of the listed nodes' ids, alike in all versions, from whoever holds them and the signatures anyway
   */
  toDelete(
    { iteration, base = iteration - 1, nodes }: Pick<Iteration, "iteration" | "base" | "nodes">,
    signatures: Int32Array,
    catalog: Catalog,
    heldIds?: Int32Array,
  ): readonly CatalogEntry[] {
    if (this.#purge === "none") return [];
    if (this.#purge === "absent") {
      if (catalog.size === 0) return [];
      const present = new Set(signatures);
      return [...catalog.entries()].filter(({ signature }) => !present.has(signature));
    }
    const ids = heldIds ?? Int32Array.from(nodes, (node) => this.#ids.intern(node.id));
    const before = this.#versions.get(base);
    const isHeld = heldIds !== undefined;
    if (before === undefined) {
      this.#versions.set(iteration, isHeld ? held(ids, signatures) : whole(ids, signatures));
      return [];
    }
    if (isHeld && catalog.size === 0) {
      this.#versions.set(iteration, held(ids, signatures));
      return [];
    }
    const beforeSignatures = signaturesOf(before);
    const isAlike = sameNumbers(before.ids, ids);
    if (isHeld) this.#versions.set(iteration, held(ids, signatures));
    else
      this.#versions.set(iteration, isAlike ? compact(before, beforeSignatures, signatures) : whole(ids, signatures));
    if (catalog.size === 0) return [];
    return isAlike
      ? replaced((i) => beforeSignatures[i], signatures, catalog)
      : replacedById(before.ids, beforeSignatures, ids, signatures, catalog);
  }
}

/** A version whose numbers are held elsewhere. */
function held(ids: Int32Array, signatures: Int32Array): Version {
  const numbers = { numbers: signatures, areRuns: false };
  return { ids, signatures: numbers, like: undefined, differs: noBits, changes: nothing, depth: 0 };
}

function whole(ids: Int32Array, signatures: Int32Array): Version {
  return { ids, signatures: packed(signatures), like: undefined, differs: noBits, changes: nothing, depth: 0 };
}

/** A version with the ids of another one: shares them, and the signatures that did not change. */
function compact(before: Version, beforeSignatures: Int32Array, signatures: Int32Array): Version {
  const differs = new Uint8Array((signatures.length + 7) >>> 3);
  const changes: number[] = [];
  for (let i = 0; i < signatures.length; i++) {
    if (signatures[i] === beforeSignatures[i]) continue;
    differs[i >>> 3]! |= 1 << (i & 7);
    changes.push(signatures[i]!);
  }
  if (before.depth === longestWay || changes.length * 10 > signatures.length * 9) return whole(before.ids, signatures);
  const { ids, depth } = before;
  return { ids, signatures: undefined, like: before, differs, changes: packed(changes), depth: depth + 1 };
}

function packed(numbers: ArrayLike<number>): PackedNumbers {
  let runs = 0;
  for (let i = 0; i < numbers.length; i++) if (i === 0 || numbers[i] !== numbers[i - 1]! + 1) runs++;
  if (runs * 2 >= numbers.length) return { numbers: Int32Array.from(numbers), areRuns: false };
  const pairs = new Int32Array(runs * 2);
  let at = -2;
  for (let i = 0; i < numbers.length; i++) {
    if (i === 0 || numbers[i] !== numbers[i - 1]! + 1) {
      at += 2;
      pairs[at] = numbers[i]!;
    }
    pairs[at + 1]!++;
  }
  return { numbers: pairs, areRuns: true };
}

/** A copy of the numbers, one by one. */
function unpacked({ numbers, areRuns }: PackedNumbers): Int32Array {
  if (!areRuns) return numbers.slice();
  let length = 0;
  for (let k = 1; k < numbers.length; k += 2) length += numbers[k]!;
  const all = new Int32Array(length);
  let at = 0;
  for (let k = 0; k < numbers.length; k += 2) for (let i = 0; i < numbers[k + 1]!; i++) all[at++] = numbers[k]! + i;
  return all;
}

function signaturesOf(version: Version): Int32Array {
  const way: Version[] = [];
  let at = version;
  while (at.signatures === undefined && at.like !== undefined) {
    way.push(at);
    at = at.like;
  }
  const signatures = unpacked(at.signatures ?? nothing);
  for (const { differs, changes: packedChanges } of way.reverse()) {
    const changes = unpacked(packedChanges);
    let k = 0;
    for (let i = 0; k < changes.length; i++) if ((differs[i >>> 3]! >>> (i & 7)) & 1) signatures[i] = changes[k++]!;
  }
  return signatures;
}

function replacedById(
  beforeIds: Int32Array,
  beforeSignatures: Int32Array,
  ids: Int32Array,
  signatures: Int32Array,
  catalog: Catalog,
): readonly CatalogEntry[] {
  const beforeOf = new Map<number, number>();
  for (let i = 0; i < beforeIds.length; i++) beforeOf.set(beforeIds[i]!, beforeSignatures[i]!);
  return replaced((i) => beforeOf.get(ids[i]!), signatures, catalog);
}

/** Stored results of the base's ids that have another signature now, unless the version has them elsewhere; in listed order. */
function replaced(
  beforeOf: (listed: number) => number | undefined,
  signatures: Int32Array,
  catalog: Catalog,
): readonly CatalogEntry[] {
  const found = new Set<CatalogEntry>();
  let present: Set<number> | undefined;
  for (let i = 0; i < signatures.length; i++) {
    const before = beforeOf(i);
    if (before === undefined || before === signatures[i]) continue;
    const entry = catalog.get(before);
    if (entry === undefined) continue;
    present ??= new Set(signatures);
    if (!present.has(before)) found.add(entry);
  }
  return [...found];
}

function sameNumbers(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
