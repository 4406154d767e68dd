import type { ZodType } from "zod";
import type { ReusePlan, ReuseProblem } from "./plan.ts";

/** What a policy may need and a trace may offer; a pair runs iff needs ⊆ offers. */
export type Capability = "columns" | "quality" | "frequency" | "measured-load" | "future" | "structured-prediction";

/** What every interchangeable part has. */
export interface PlugIn<P = object> {
  /** Stable kebab-case id: command line, result rows, legends. */
  readonly id: string;
  /** Short human title. */
  readonly title: string;
  /** Schema of the typed parameters; every field has a default. */
  readonly params?: ZodType<P>;
  readonly needs?: readonly Capability[];
}

/** Chooses which results to load, compute and prune in one iteration; pure and deterministic. */
export interface ReusePlanner<P = object> extends PlugIn<P> {
  /** For people, for example `O(V + E)`. */
  readonly complexity: string;
  /** True if every plan is optimal. */
  readonly exact?: boolean;
  /** Where it comes from: paper and section, or "own". */
  readonly source?: string;
  /**
   * Plans one problem; never writes to it; the returned plan is fresh.
   * @throws {TooLargeError} when the problem exceeds the planner's documented count limit
   */
  plan(problem: ReuseProblem, params: P): ReusePlan;
}
