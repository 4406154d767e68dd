/** What `reuselab/workloads` offers: the DSL, edits, and the built-in workloads. */
export { adultColumns } from "./census/columns.ts";
export * from "./dsl.ts";
export * from "./edits.ts";
export * from "./index.ts";
