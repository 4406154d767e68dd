/**
 * What `reuselab/experiments` offers for experiments of one's own: the definition, claims, replays, bounds and figures. The
 * arena is among it: spread into a definition with other traces or budgets it keeps its bounds and its tuned rows.
 */
export { MissingRowsError, cellAt, ratioClaim, savingClaim, shapeClaim, type Claim } from "../src/harness/claims.ts";
export {
  defineExperiment,
  type CellView,
  type Experiment,
  type ExperimentContext,
  type ExperimentDefinition,
  type Grid,
  type Point,
  type ResultTable,
  type ResultView,
  type Surroundings,
} from "../src/harness/experiment.ts";
export { boundOf, floorOf, type Bound } from "../src/harness/run-bounds.ts";
export { replay, traceFacts, type ReplayOptions, type ReplayTrace } from "../src/harness/run-replay.ts";
export {
  interquartileMean,
  pairedRatio,
  probabilityOfImprovement,
  wilcoxonSignedRank,
} from "../src/harness/statistics.ts";
export { linesChart, type LinePoint } from "../src/report/charts/lines.ts";
export type { ChartSpec } from "../src/report/charts/spec.ts";
export { arena } from "./arena.ts";
export { partsAt, replayUnder, withPlugIns } from "./contenders.ts";
export { boundLine } from "./iteration-figure.ts";
export { trainingInputs, trainingText, tunedSystem } from "./training-traces.ts";
