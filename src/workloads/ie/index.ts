import { z } from "zod";
import { WorkflowError } from "../../core/errors.ts";
import type { Iteration } from "../../core/iteration.ts";
import type { SourceOp } from "../../core/operators.ts";
import { rngStream } from "../../core/rng.ts";
import type { Workload, WorkloadData } from "../../core/workload.ts";
import { changeTypeDistributions } from "../change-types.ts";
import { flattenEdits } from "../edits.ts";
import { sourceByName, coverEdits, drawSequence, type DrawnRun, editTree, type SequenceShape } from "../sequences.ts";
import { ieOptions } from "./edits.ts";
import { ieScript } from "./script.ts";
import { foldsInAll, type IeOptions, ieWorkflow } from "./workflow.ts";

const domain = "nlp";
const dataset = "ie";
const requires = ["structured-prediction"];

const firstParams = {
  model: z.enum(["chain-perceptron", "chain-crf", "token-perceptron"]).default("chain-perceptron"),
  testFold: z
    .int()
    .min(0)
    .max(foldsInAll - 1)
    .default(0),
};
const scriptParams = z.object(firstParams);

function sourceOf(data: WorkloadData): SourceOp {
  const source = data.sources[dataset];
  if (source === undefined)
    throw new WorkflowError(
      `ie: its data has no source "${dataset}"; expected one, as prepareDataset("${dataset}", …) gives`,
    );
  return source;
}

function iterationsOf(data: WorkloadData, options: IeOptions, runs: readonly DrawnRun[]): readonly Iteration[] {
  return flattenEdits(editTree(ieWorkflow(sourceOf(data), options), ieOptions, runs));
}

/** Draws a sequence of edits; the seed's stream serves nothing else, the data's fingerprint does not enter. */
export function drawIeSequence(seed: number, shape: Omit<SequenceShape, "weights">): readonly DrawnRun[] {
  const { percent } = changeTypeDistributions[domain];
  return drawSequence(
    ieWorkflow(sourceByName(dataset)),
    ieOptions,
    { ...shape, weights: percent },
    rngStream(seed, "ie/sequence"),
  );
}

/** The illustrated script: the first version and six pre-processing edits. */
export const ie: Workload<z.infer<typeof scriptParams>> = {
  id: "ie",
  title: "Person mentions in text: the illustrated script, seven iterations",
  domain,
  requires,
  dataset,
  params: scriptParams,
  versions: (data, _seed, params) => iterationsOf(data, scriptParams.parse(params), ieScript),
};

const distParams = z.object({
  ...firstParams,
  iterations: z.int().min(1).default(7),
  goBack: z.number().min(0).max(1).default(0),
});

/** As many iterations whose edits are drawn: one sequence per seed. */
export const ieDist: Workload<z.infer<typeof distParams>> = {
  id: "ie-dist",
  title: "Person mentions in text: edits drawn from the domain's change types, one sequence per seed",
  domain,
  requires,
  dataset,
  params: distParams,
  versions: (data, seed, params) => {
    const parsed = distParams.parse(params);
    return iterationsOf(data, parsed, drawIeSequence(seed, parsed));
  },
};

/** Every edit once, each on the first version: its recording prices every operator of any drawn sequence. */
export const ieCover: Workload = {
  id: "ie-cover",
  title: "Person mentions in text: every edit once on the first version, to price drawn sequences",
  domain,
  requires,
  dataset,
  versions: (data) => flattenEdits(coverEdits(ieWorkflow(sourceOf(data)), ieOptions)),
};
