import type { SeenFields } from "../core/capabilities.ts";
import type { Iteration } from "../core/iteration.ts";
import { addExact } from "../core/units.ts";
import { addSegments, barrierTaxLimit, barrierTaxOf, type SegmentTotals } from "./recorded-segments.ts";
import { TextIndex } from "./text-index.ts";

/** What a simulation must know of a whole trace before it replays it. */
export interface TraceFacts {
  readonly iterationCount: number;
  readonly nodeCount: number;
  /** Σ sizeBytes over distinct signatures of nodes with parents, each at the first size seen: what a budget of 100 % is. */
  readonly intermediateBytes: number;
  /** Isolated ÷ fused time of the recorded segments; undefined without any. */
  readonly barrierTax: number | undefined;
  /** The barrier tax is so high that the clock charges segments as wholes. */
  readonly chargeSegments: boolean;
  /** Optional fields that its nodes have. */
  readonly seen: SeenFields;
}

/** Collects the facts of a trace, iteration by iteration. 20 bytes per distinct signature. */
export class TraceSurvey {
  readonly #seen = new TextIndex();
  readonly #segments: SegmentTotals = { isolatedUs: 0, fusedUs: 0 };
  #iterationCount = 0;
  #nodeCount = 0;
  #intermediateBytes = 0;
  #hasColumns = false;
  #hasQuality = false;
  #hasLoads = true;

  /**
   * Counts one iteration.
   *
   * @param isNew tells for a listed node whether its signature occurs for the first time, if the caller knows; the survey
   *   keeps no signatures then
   */
  add(iteration: Iteration, isNew?: (listed: number) => boolean): void {
    this.#iterationCount++;
    this.#nodeCount += iteration.nodes.length;
    addSegments(this.#segments, iteration);
    for (let i = 0; i < iteration.nodes.length; i++) {
      const node = iteration.nodes[i]!;
      if (node.columns !== undefined) this.#hasColumns = true;
      if (node.quality !== undefined) this.#hasQuality = true;
      if (node.parents.length > 0 && node.loadUs === undefined && node.loadHotUs === undefined) this.#hasLoads = false;
      if (!(isNew?.(i) ?? this.#isNew(node.signature)) || node.parents.length === 0) continue;
      this.#intermediateBytes = addExact(this.#intermediateBytes, node.sizeBytes ?? 0);
    }
  }

  facts(): TraceFacts {
    const barrierTax = barrierTaxOf(this.#segments);
    return {
      iterationCount: this.#iterationCount,
      nodeCount: this.#nodeCount,
      intermediateBytes: this.#intermediateBytes,
      barrierTax,
      chargeSegments: barrierTax !== undefined && barrierTax > barrierTaxLimit,
      seen: { columns: this.#hasColumns, quality: this.#hasQuality, loads: this.#hasLoads },
    };
  }

  #isNew(signature: string): boolean {
    const before = this.#seen.size;
    return this.#seen.intern(signature) === before;
  }
}

/** Facts of a trace held in memory. */
export function surveyTrace(iterations: Iterable<Iteration>): TraceFacts {
  const survey = new TraceSurvey();
  for (const iteration of iterations) survey.add(iteration);
  return survey.facts();
}
