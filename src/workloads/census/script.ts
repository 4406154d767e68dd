import type { DrawnRun } from "../sequences.ts";

/**
 * The illustrated script, iterations 1 to 9 (iteration 0 is the first version): two pre-processing edits, as in the HELIX
 * papers, then seven drawn once by seed 1 from the social-science change types. Written down before anything was timed.
 */
export const censusScript: readonly DrawnRun[] = [
  { option: "capital-gain", variant: "log" },
  { option: "marital-by-age", variant: "on" },
  { option: "train-check", variant: "log-loss" },
  { option: "by-group", variant: "sex" },
  { option: "auc", variant: "train" },
  { option: "max-iterations", variant: "thirty" },
  { option: "positive-rate", variant: "test" },
  { option: "train-check", variant: "accuracy" },
  { option: "country", variant: "us-or-not" },
];
