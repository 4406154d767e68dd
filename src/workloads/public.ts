/** What `reuselab/workloads` offers: the DSL, edits and drawn sequences, their pricing, and the built-in workloads. */
export { adultColumns } from "./census/columns.ts";
export * from "./change-types.ts";
export * from "./costing.ts";
export * from "./dsl.ts";
export * from "./edits.ts";
export * from "./graph.ts";
export * from "./index.ts";
export type { Feature, Handle, Port } from "./ports.ts";
export * from "./sequences.ts";
