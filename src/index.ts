/** The core of reuselab: problems, plans, contracts and errors. Parts live under `reuselab/algorithms`, `reuselab/simulator` and so on. */
export * from "./core/clock.ts";
export * from "./core/cost-model.ts";
export * from "./core/errors.ts";
export type * from "./core/executor.ts";
export type * from "./core/experiment-graph.ts";
export * from "./core/iteration.ts";
export * from "./core/materializer.ts";
export * from "./core/operators.ts";
export * from "./core/plan.ts";
export type * from "./core/plug-in.ts";
export { buildProblem, type NamedProblem, type ProblemNode } from "./core/problem.ts";
export * from "./core/result-row.ts";
export * from "./core/rng.ts";
export * from "./core/signature.ts";
export * from "./core/system.ts";
export * from "./core/units.ts";
export type * from "./core/workload.ts";
