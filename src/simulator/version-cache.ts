import type { Iteration } from "../core/iteration.ts";
import type { Switches } from "../core/system.ts";
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
  readonly #nodes = new Map<Iteration, Iteration>();
  /** By whether equal nodes are merged and the rest sliced away. */
  readonly #versions = new Map<string, Map<Iteration, PreparedVersion>>();

  /** Signature number of each listed node. O(nodes) the first time. */
  signaturesOf(iteration: Iteration): Int32Array {
    const known = this.#signatures.get(iteration);
    if (known !== undefined) return known;
    const signatures = Int32Array.from(iteration.nodes, (node) => this.index.intern(node.signature));
    this.#signatures.set(iteration, signatures);
    return signatures;
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
    if (found === undefined)
      this.#nodes.set(iteration, (found = { ...iteration, nodes: uniformNodes(iteration.nodes) }));
    return found;
  }
}
