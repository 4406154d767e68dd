/** Contract batteries, free of any test runner: `conform` runs them, and so can the tests of a plug-in. */
export * from "./arbitraries.ts";
export * from "./executor-contract.ts";
export * from "./experiment-contract.ts";
export * from "./materializer-contract.ts";
export * from "./planner-contract.ts";
export * from "./sequence-arbitrary.ts";
export * from "./workload-contract.ts";
