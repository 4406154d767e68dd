import { z } from "zod";
import { WorkflowError } from "../../core/errors.ts";
import type { Iteration } from "../../core/iteration.ts";
import type { SourceOp } from "../../core/operators.ts";
import { rngStream } from "../../core/rng.ts";
import type { Workload, WorkloadData } from "../../core/workload.ts";
import { changeTypeDistributions } from "../change-types.ts";
import { flattenEdits } from "../edits.ts";
import { sourceByName, coverEdits, drawSequence, type DrawnRun, editTree, type SequenceShape } from "../sequences.ts";
import { censusOptions } from "./edits.ts";
import { censusScript } from "./script.ts";
import { censusWorkflow } from "./workflow.ts";

const domain = "social-sciences";
const dataset = "census";

function sourceOf(data: WorkloadData): SourceOp {
  const source = data.sources[dataset];
  if (source === undefined)
    throw new WorkflowError(
      `census: its data has no source "${dataset}"; expected one, as prepareDataset("${dataset}", …) gives`,
    );
  return source;
}

function iterationsOf(data: WorkloadData, runs: readonly DrawnRun[]): readonly Iteration[] {
  return flattenEdits(editTree(censusWorkflow(sourceOf(data)), censusOptions, runs));
}

/** Draws a Census sequence; the seed's stream serves nothing else, the data's fingerprint does not enter. */
export function drawCensusSequence(seed: number, shape: Omit<SequenceShape, "weights">): readonly DrawnRun[] {
  const { percent } = changeTypeDistributions[domain];
  const rng = rngStream(seed, "census/sequence");
  return drawSequence(censusWorkflow(sourceByName(dataset)), censusOptions, { ...shape, weights: percent }, rng);
}

/** The illustrated script: initial, two pre-processing edits, then seven edits drawn once by seed 1. */
export const census: Workload = {
  id: "census",
  title: "Census income: the illustrated script of ten iterations",
  domain,
  dataset,
  versions: (data) => iterationsOf(data, censusScript),
};

const distParams = z.object({
  iterations: z.int().min(1).default(10),
  leadingDpr: z.int().min(0).default(0),
});

/** Ten iterations whose edits are all drawn: one sequence per seed. */
export const censusDist: Workload<z.infer<typeof distParams>> = {
  id: "census-dist",
  title: "Census income: edits drawn from the domain's change types, one sequence per seed",
  domain,
  dataset,
  params: distParams,
  versions: (data, seed, params) => iterationsOf(data, drawCensusSequence(seed, distParams.parse(params))),
};

const branchParams = z.object({
  iterations: z.int().min(1).default(10),
  goBack: z.number().min(0).max(1).default(0.2),
});

/** The same edits, but with probability 0.2 a run goes back: it repeats an earlier version or branches off one. */
export const censusBranch: Workload<z.infer<typeof branchParams>> = {
  id: "census-branch",
  title: "Census income: drawn edits with roll-backs and branches",
  domain,
  dataset,
  params: branchParams,
  versions: (data, seed, params) => iterationsOf(data, drawCensusSequence(seed, branchParams.parse(params))),
};

/** Every edit once, each on the first version: its recording prices every operator of any drawn sequence. */
export const censusCover: Workload = {
  id: "census-cover",
  title: "Census income: every edit once on the first version, to price drawn sequences",
  domain,
  dataset,
  versions: (data) => flattenEdits(coverEdits(censusWorkflow(sourceOf(data)), censusOptions)),
};
