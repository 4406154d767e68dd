import type { DrawnRun } from "../sequences.ts";

/**
 * The illustrated sequence, written down before anything was timed: about six iterations, all of them data pre-processing, as
 * recalled of the HELIX papers; each adds features of its own, and most of what came before stays.
 */
export const ieScript: readonly DrawnRun[] = [
  { option: "given-names", variant: "with-neighbours" },
  { option: "short-shapes", variant: "with-neighbours" },
  { option: "honorifics", variant: "before-name" },
  { option: "affixes", variant: "two-to-four" },
  { option: "person-cues", variant: "two-around" },
  { option: "organisation-cues", variant: "two-ahead" },
];
