import type { EditType } from "./edits.ts";

/** How often users of a domain make each kind of edit, in per cent (the three add up to 100). */
export interface ChangeTypeDistribution {
  readonly domain: string;
  readonly percent: Readonly<Record<EditType, number>>;
  /** `assumed`: the survey behind HELIX publishes no table we know of; only the direction is known. */
  readonly provenance: "assumed";
  /** What is known and what was assumed. */
  readonly note: string;
}

/**
 * Change-type frequencies by domain. The survey behind HELIX (105 papers of five domains) is not known here as a table, so every
 * number is assumed: fixed before anything was timed and never fitted to a result. Experiments sweep the whole simplex beside it.
 */
export const changeTypeDistributions = {
  "social-sciences": {
    domain: "social-sciences",
    percent: { dpr: 20, li: 20, ppr: 60 },
    provenance: "assumed",
    note: "Known: post-processing dominates. Assumed: the other two are equally frequent.",
  },
  "natural-sciences": {
    domain: "natural-sciences",
    percent: { dpr: 30, li: 40, ppr: 30 },
    provenance: "assumed",
    note: "Nothing known; mixed, with somewhat more learning.",
  },
  web: {
    domain: "web",
    percent: { dpr: 40, li: 40, ppr: 20 },
    provenance: "assumed",
    note: "Nothing known; mixed, with little post-processing.",
  },
  nlp: {
    domain: "nlp",
    percent: { dpr: 100, li: 0, ppr: 0 },
    provenance: "assumed",
    note: "The information-extraction sequence is recalled as pre-processing only.",
  },
  vision: {
    domain: "vision",
    percent: { dpr: 34, li: 33, ppr: 33 },
    provenance: "assumed",
    note: "The MNIST sequence is recalled as mixed; taken as uniform.",
  },
} as const satisfies Readonly<Record<string, ChangeTypeDistribution>>;
