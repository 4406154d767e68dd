/** The simulator: the iteration loop, the systems and the virtual clock. Free of Node, so that it runs in a browser too. */
export { defaultSystems, pairSystem, systemById, systemIds, systems, type SystemId } from "../baselines/index.ts";
export { simulatedExecutor, type SimulatedOptions } from "../executors/simulated/simulated-executor.ts";
export { experimentGraphLines, ExperimentGraphParser } from "./experiment-graph-format.ts";
export { UnionGraph, type VertexRecord, type VertexUpdate } from "./experiment-graph.ts";
export type { IterationReport, NodeReport } from "./iteration-report.ts";
export { runLoop, type LoopOptions, type RunOutcome } from "./loop.ts";
export { resolveParams } from "./plug-in-params.ts";
export { barrierTaxLimit } from "./recorded-segments.ts";
export {
  clairvoyantCosts,
  simulateCell,
  type CellOutcome,
  type SimulatedTrace,
  type SimulationCell,
} from "./simulate.ts";
export { surveyTrace, TraceSurvey, type TraceFacts } from "./trace-facts.ts";
