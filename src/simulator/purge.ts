import type { IterationNode } from "../core/iteration.ts";
import type { Purge } from "../core/system.ts";
import type { Catalog, CatalogEntry } from "./catalog.ts";
import { TextIndex } from "./text-index.ts";

interface Version {
  readonly ids: Int32Array;
  readonly signatures: Int32Array;
}

/**
 * Which stored results an iteration deletes before it starts (DESIGN §6).
 *
 * `original` needs every earlier version, because any of them may be the base of a later one: 4 bytes per node and version,
 * 8 where the node ids differ from those of the version before.
 */
export class Purger {
  readonly #purge: Purge;
  readonly #ids = new TextIndex();
  readonly #versions = new Map<number, Version>();
  #last: Version | undefined;

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
    const version = this.#remember(iteration, nodes, signatures);
    const before = this.#versions.get(base);
    return before === undefined || catalog.size === 0 ? [] : replaced(before, version, catalog);
  }

  #remember(iteration: number, nodes: readonly IterationNode[], signatures: Int32Array): Version {
    let ids = new Int32Array(nodes.length);
    for (let i = 0; i < nodes.length; i++) ids[i] = this.#ids.intern(nodes[i]!.id);
    if (this.#last !== undefined && sameNumbers(this.#last.ids, ids)) ids = this.#last.ids as Int32Array<ArrayBuffer>;
    const version = { ids, signatures };
    this.#versions.set(iteration, version);
    this.#last = version;
    return version;
  }
}

/** Stored results of the base's ids that have another signature now, unless the version has them elsewhere; in listed order. */
function replaced(base: Version, version: Version, catalog: Catalog): readonly CatalogEntry[] {
  const found: CatalogEntry[] = [];
  let baseOf: Map<number, number> | undefined;
  let present: Set<number> | undefined;
  for (let i = 0; i < version.ids.length; i++) {
    let before: number | undefined;
    if (base.ids === version.ids) before = base.signatures[i];
    else {
      baseOf ??= new Map(Array.from(base.ids, (id, at) => [id, base.signatures[at]!]));
      before = baseOf.get(version.ids[i]!);
    }
    if (before === undefined || before === version.signatures[i]) continue;
    const entry = catalog.get(before);
    if (entry === undefined) continue;
    present ??= new Set(version.signatures);
    if (!present.has(before)) found.push(entry);
  }
  return found.length > 1 ? [...new Set(found)] : found;
}

function sameNumbers(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
