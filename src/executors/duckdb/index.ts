/** The embedded executor: entry point `reuselab/executors/duckdb`. */
export { DuckDbExecutor, type DuckDbOptions, openDuckDb } from "./executor.ts";
export { type Database, type DatabaseOptions, openDatabase } from "./driver.ts";
export { type StorageProfile, storageProfiles } from "./storage-profile.ts";
export { type CompileOptions, compileSegment } from "../relational/segment.ts";
export { operatorCompilers } from "./compiler/compilers.ts";
export type { CompilerRegistry, OperatorCompiler, OperatorContext } from "../relational/registry.ts";
export type { EngineCall, EngineLog } from "./engine-log.ts";
