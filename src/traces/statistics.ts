import { changeTypes, type ChangeType, type TraceHeader, type TraceIteration } from "../core/iteration.ts";
import { addExact } from "../core/units.ts";
import { TraceChecker } from "./format/trace-checker.ts";
import { QuantileSketch } from "./quantiles.ts";

/** Quantiles by nearest rank; null without values. */
export interface Quantiles {
  readonly p10: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly max: number | null;
}

/** What a trace holds. Sums that leave the exact range are Infinity. */
export interface TraceStatistics {
  /** Name in the header. */
  readonly trace: string;
  readonly iterations: number;
  readonly changeTypes: Readonly<Record<ChangeType, number>>;
  /** Distinct results over all iterations: nodes of one iteration with one signature count once. */
  readonly nodes: number;
  readonly nodesPerIteration: Quantiles;
  readonly distinctSignatures: number;
  /** Σ sizeBytes over distinct signatures of nodes that are not sources; percentages of budgets are of this. */
  readonly intermediateBytes: number;
  /** The same over sources. */
  readonly sourceBytes: number;
  /** Nodes on the longest path of any iteration. */
  readonly depth: number;
  /** Most nodes of one iteration at the same distance (longest path) from the sources. */
  readonly width: number;
  /** Σ over all iterations: a run without any reuse, each distinct result computed once per iteration. */
  readonly totalComputeUs: number;
  readonly computeUs: Quantiles;
  /** Nodes with a recorded cold load. */
  readonly measuredLoads: number;
  readonly loadUs: Quantiles;
  readonly sizeBytes: Quantiles;
  /** Nodes of later iterations whose signature an earlier iteration had, as a share of the nodes of later iterations; null with one iteration. */
  readonly reusableNodeShare: number | null;
  /** The same in compute time. */
  readonly reusableComputeShare: number | null;
  /** Nodes that are never reused: nondeterministic, or behind such a node. */
  readonly nondeterministicNodes: number;
  /** Σ computeUs of the nodes in recorded segments ÷ Σ fusedUs of these; null without segments. */
  readonly barrierTax: number | null;
  /** Fields that were modelled rather than measured. */
  readonly imputed: readonly string[];
}

/**
 * Summarises a trace in one pass; memory grows by 9–19 bytes per distinct signature only.
 *
 * @param checker the one that checks `iterations` as they are given (`readTrace(path, { checker })`), so that a long trace
 *   is checked once; without it, what fields mean together is checked here
 * @throws {TraceFormatError} when the trace contradicts itself
 */
export async function traceStatistics(
  header: TraceHeader,
  iterations: AsyncIterable<TraceIteration> | Iterable<TraceIteration>,
  checker?: TraceChecker,
): Promise<TraceStatistics> {
  const own = new TraceChecker();
  const collector = new Collector(checker ?? own);
  let line = 1;
  for await (const iteration of iterations) {
    if (checker === undefined) own.check(iteration, { file: header.name, line: ++line });
    collector.add(iteration);
  }
  return collector.summary(header);
}

/**
 * Σ sizeBytes over distinct signatures of nodes that are not sources: what a budget of 100 % is. A signature counts with
 * its first size.
 */
export async function intermediateBytesOf(
  iterations: AsyncIterable<TraceIteration> | Iterable<TraceIteration>,
): Promise<number> {
  const seen = new TraceChecker();
  let bytes = 0;
  let line = 1;
  for await (const { nodes, iteration } of iterations) {
    seen.check({ iteration, changeType: "initial", nodes }, { file: "trace", line: ++line });
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]!;
      if (node.parents.length > 0 && seen.isNew(i)) bytes = addExact(bytes, node.sizeBytes);
    }
  }
  return bytes;
}

class Collector {
  readonly #checker: TraceChecker;
  readonly #changeTypes: Record<ChangeType, number> = { initial: 0, dpr: 0, li: 0, ppr: 0 };
  readonly #perIteration = new QuantileSketch();
  readonly #computeUs = new QuantileSketch();
  readonly #loadUs = new QuantileSketch();
  readonly #sizeBytes = new QuantileSketch();
  #iterations = 0;
  #nodes = 0;
  #intermediateBytes = 0;
  #sourceBytes = 0;
  #depth = 0;
  #width = 0;
  #totalComputeUs = 0;
  #laterNodes = 0;
  #laterUs = 0;
  #reusableNodes = 0;
  #reusableUs = 0;
  #tainted = 0;
  #isolatedUs = 0;
  #fusedUs = 0;

  // Room for one iteration, used again and again: a long trace leaves no garbage outside the heap.
  readonly #indexOf = new Map<string, number>();
  #levels = new Int32Array(0);
  #widths = new Int32Array(0);
  #isTainted = new Uint8Array(0);

  constructor(checker: TraceChecker) {
    this.#checker = checker;
  }

  #reserve(length: number): void {
    this.#levels = new Int32Array(length);
    this.#widths = new Int32Array(length);
    this.#isTainted = new Uint8Array(length);
  }

  /** Counts an iteration that the checker has just seen. */
  add(iteration: TraceIteration): void {
    const { nodes } = iteration;
    const checker = this.#checker;
    this.#iterations++;
    this.#changeTypes[iteration.changeType]++;
    const indexOf = this.#indexOf;
    indexOf.clear();
    if (this.#levels.length < nodes.length) this.#reserve(2 * nodes.length);
    const levels = this.#levels;
    const widths = this.#widths.fill(0, 0, nodes.length);
    const tainted = this.#isTainted.fill(0, 0, nodes.length);
    let distinct = 0;
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]!;
      indexOf.set(node.id, i);
      let level = 0;
      if (node.deterministic === false) tainted[i] = 1;
      for (const parent of node.parents) {
        const p = indexOf.get(parent)!;
        if (levels[p]! >= level) level = levels[p]! + 1;
        if (tainted[p] === 1) tainted[i] = 1;
      }
      levels[i] = level;
      if (checker.canonical(i) !== i) continue;
      distinct++;
      widths[level]!++;
      if (level >= this.#depth) this.#depth = level + 1;
      if (widths[level]! > this.#width) this.#width = widths[level]!;
      this.#countNode(iteration, i, tainted[i] === 1);
    }
    this.#nodes += distinct;
    this.#perIteration.add(distinct);
    for (const segment of iteration.segments ?? []) {
      this.#fusedUs = addExact(this.#fusedUs, segment.fusedUs);
      for (const id of segment.nodes) this.#isolatedUs = addExact(this.#isolatedUs, nodes[indexOf.get(id)!]!.computeUs);
    }
  }

  #countNode({ iteration, nodes }: TraceIteration, i: number, isTainted: boolean): void {
    const { computeUs, sizeBytes, loadUs, parents } = nodes[i]!;
    this.#computeUs.add(computeUs);
    this.#sizeBytes.add(sizeBytes);
    if (loadUs !== undefined) this.#loadUs.add(loadUs);
    this.#totalComputeUs = addExact(this.#totalComputeUs, computeUs);
    if (isTainted) this.#tainted++;
    const isNew = this.#checker.isNew(i);
    if (iteration > 0) {
      this.#laterNodes++;
      this.#laterUs = addExact(this.#laterUs, computeUs);
      if (!isNew && !isTainted) {
        this.#reusableNodes++;
        this.#reusableUs = addExact(this.#reusableUs, computeUs);
      }
    }
    if (!isNew) return;
    if (parents.length === 0) this.#sourceBytes = addExact(this.#sourceBytes, sizeBytes);
    else this.#intermediateBytes = addExact(this.#intermediateBytes, sizeBytes);
  }

  summary(header: TraceHeader): TraceStatistics {
    return {
      trace: header.name,
      iterations: this.#iterations,
      changeTypes: Object.fromEntries(changeTypes.map((type) => [type, this.#changeTypes[type]])) as Record<
        ChangeType,
        number
      >,
      nodes: this.#nodes,
      nodesPerIteration: quantilesOf(this.#perIteration),
      distinctSignatures: this.#checker.signatureCount,
      intermediateBytes: this.#intermediateBytes,
      sourceBytes: this.#sourceBytes,
      depth: this.#depth,
      width: this.#width,
      totalComputeUs: this.#totalComputeUs,
      computeUs: quantilesOf(this.#computeUs),
      measuredLoads: this.#loadUs.count,
      loadUs: quantilesOf(this.#loadUs),
      sizeBytes: quantilesOf(this.#sizeBytes),
      reusableNodeShare: share(this.#reusableNodes, this.#laterNodes),
      reusableComputeShare: share(this.#reusableUs, this.#laterUs),
      nondeterministicNodes: this.#tainted,
      barrierTax: share(this.#isolatedUs, this.#fusedUs),
      imputed: header.source?.imputed ?? [],
    };
  }
}

/** Quotient rounded to six decimals; null if there is nothing to divide by. */
function share(part: number, whole: number): number | null {
  return whole === 0 || !Number.isFinite(whole) ? null : Math.round((part / whole) * 1e6) / 1e6;
}

function quantilesOf(sketch: QuantileSketch): Quantiles {
  return {
    p10: sketch.quantile(0.1),
    p50: sketch.quantile(0.5),
    p90: sketch.quantile(0.9),
    max: sketch.count === 0 ? null : sketch.max,
  };
}
