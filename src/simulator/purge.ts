import type { IterationNode } from "../core/iteration.ts";
import type { Purge } from "../core/system.ts";
import type { Catalog, CatalogEntry } from "./catalog.ts";
import { TextIndex } from "./text-index.ts";

/** Node ids and signatures of one version, by number; the signatures whole, or as what differs from another version. */
interface Version {
  readonly ids: Int32Array;
  readonly signatures: Int32Array | undefined;
  readonly like: Version | undefined;
  /** One bit for each listed node that differs, and the signatures of those nodes. */
  readonly differs: Uint8Array;
  readonly changes: Int32Array;
  /** Steps to a version that is held whole. */
  readonly depth: number;
}

/** Longest way to a version held whole: bounds the time of a look-up, costs 1/32 of holding all. */
const longestWay = 32;
const nothing = new Int32Array(0);
const noBits = new Uint8Array(0);

/**
 * Which stored results an iteration deletes before it starts (DESIGN §6).
 *
 * `original` needs every earlier version, because any of them may be the base of a later one: 4 bytes for each node whose
 * signature differs from the base's, a quarter of a byte for each other one.
 */
export class Purger {
  readonly #purge: Purge;
  readonly #ids = new TextIndex();
  readonly #versions = new Map<number, Version>();

  constructor(purge: Purge) {
    this.#purge = purge;
  }

  /**
   * The results to delete when iteration `iteration`, edited from version `base`, starts; remembers the version.
   *
   * @param signatures signature number of each listed node
   */
  toDelete(
    iteration: number,
    base: number,
    nodes: readonly IterationNode[],
    signatures: Int32Array,
    catalog: Catalog,
  ): readonly CatalogEntry[] {
    if (this.#purge === "none") return [];
    if (this.#purge === "absent") {
      if (catalog.size === 0) return [];
      const present = new Set(signatures);
      return [...catalog.entries()].filter(({ signature }) => !present.has(signature));
    }
    const ids = Int32Array.from(nodes, (node) => this.#ids.intern(node.id));
    const before = this.#versions.get(base);
    if (before === undefined) {
      this.#versions.set(iteration, whole(ids, signatures));
      return [];
    }
    const beforeSignatures = signaturesOf(before);
    const isAlike = sameNumbers(before.ids, ids);
    this.#versions.set(iteration, isAlike ? compact(before, beforeSignatures, signatures) : whole(ids, signatures));
    if (catalog.size === 0) return [];
    return isAlike
      ? replaced((i) => beforeSignatures[i], signatures, catalog)
      : replacedById(before.ids, beforeSignatures, ids, signatures, catalog);
  }
}

function whole(ids: Int32Array, signatures: Int32Array): Version {
  return { ids, signatures, like: undefined, differs: noBits, changes: nothing, depth: 0 };
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
  return { ids, signatures: undefined, like: before, differs, changes: Int32Array.from(changes), depth: depth + 1 };
}

function signaturesOf(version: Version): Int32Array {
  const way: Version[] = [];
  let at = version;
  while (at.signatures === undefined && at.like !== undefined) {
    way.push(at);
    at = at.like;
  }
  if (way.length === 0) return at.signatures ?? nothing;
  const signatures = at.signatures?.slice() ?? new Int32Array(0);
  for (const { differs, changes } of way.reverse()) {
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
