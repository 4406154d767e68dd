import type { ColumnBytes, Iteration, IterationNode } from "../core/iteration.ts";
import type { Switches } from "../core/system.ts";
import { ColumnTable } from "./column-table.ts";
import { prepareVersion, type PreparedVersion } from "./prepare.ts";
import { TextIndex } from "./text-index.ts";
import { uniformNodes } from "./uniform-nodes.ts";

/**
 * The versions of a trace held in memory as the loop runs them, prepared once for all runs over it. Runs that share it number
 * signatures alike. Nobody may change what it gives.
 */
export class VersionCache {
  readonly index = new TextIndex();
  readonly #signatures = new Map<Iteration, Int32Array>();
  readonly #idIndex = new TextIndex();
  readonly #ids = new Map<Iteration, Int32Array>();
  readonly #nodes = new Map<Iteration, Iteration>();
  /** By whether equal nodes are merged and the rest sliced away. */
  readonly #versions = new Map<string, Map<Iteration, PreparedVersion>>();
  readonly #iterations: readonly Iteration[];
  #columns: ColumnTable | "unequal" | undefined;
  /** Columns of each result as it came first, by signature. */
  readonly #lists = new Map<string, readonly ColumnBytes[]>();

  /** @param iterations all versions, for {@link columns} */
  constructor(iterations: readonly Iteration[] = []) {
    this.#iterations = iterations;
  }

  /** Table of all columns; undefined where an id comes with different bytes. O(columns) the first time. */
  get columns(): ColumnTable | undefined {
    if (this.#columns === undefined) {
      const table = new ColumnTable();
      this.#columns = table.agreesWith(this.#distinctLists()) ? table : "unequal";
    }
    return this.#columns === "unequal" ? undefined : this.#columns;
  }

  /** Signature number of each listed node. O(nodes) the first time. */
  signaturesOf(iteration: Iteration): Int32Array {
    const known = this.#signatures.get(iteration);
    if (known !== undefined) return known;
    const signatures = Int32Array.from(iteration.nodes, (node) => this.index.intern(node.signature));
    this.#signatures.set(iteration, signatures);
    return signatures;
  }

  /** Number of each listed node's id. O(nodes) the first time. */
  idsOf(iteration: Iteration): Int32Array {
    let ids = this.#ids.get(iteration);
    if (ids === undefined) {
      ids = Int32Array.from(iteration.nodes, (node) => this.#idIndex.intern(node.id));
      this.#ids.set(iteration, ids);
    }
    return ids;
  }

  /** The version merged and sliced. O(V + E) the first time. @throws {WorkflowError} as {@link prepareVersion} */
  versionOf(iteration: Iteration, switches: Pick<Switches, "mergeEqual" | "slicing">): PreparedVersion {
    const key = `${switches.mergeEqual} ${switches.slicing}`;
    let versions = this.#versions.get(key);
    if (versions === undefined) this.#versions.set(key, (versions = new Map()));
    let version = versions.get(iteration);
    if (version === undefined)
      versions.set(
        iteration,
        (version = prepareVersion(this.#uniform(iteration), this.signaturesOf(iteration), switches)),
      );
    return version;
  }

  #uniform(iteration: Iteration): Iteration {
    let found = this.#nodes.get(iteration);
    if (found === undefined) {
      const nodes = uniformNodes(iteration.nodes, (node) => this.#listOf(node));
      this.#nodes.set(iteration, (found = { ...iteration, nodes }));
    }
    return found;
  }

  #distinctLists(): ReadonlySet<readonly ColumnBytes[]> {
    const lists = new Set<readonly ColumnBytes[]>();
    for (const { nodes } of this.#iterations)
      for (const node of nodes) {
        const list = this.#listOf(node);
        if (list !== undefined) lists.add(list);
      }
    return lists;
  }

  /** The columns of a node: one list for all versions that have it with the same ones. */
  #listOf({ signature, columns }: IterationNode): readonly ColumnBytes[] | undefined {
    if (columns === undefined) return undefined;
    const known = this.#lists.get(signature);
    if (known === undefined) this.#lists.set(signature, columns);
    return known !== undefined && areSame(known, columns) ? known : columns;
  }
}

function areSame(a: readonly ColumnBytes[], b: readonly ColumnBytes[]): boolean {
  if (a.length !== b.length) return false;
  for (let k = 0; k < a.length; k++)
    if (a[k] !== b[k] && (a[k]!.id !== b[k]!.id || a[k]!.bytes !== b[k]!.bytes)) return false;
  return true;
}
