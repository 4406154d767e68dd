import { compileAssemble } from "./assemble.ts";
import { relationalCompilers } from "../../relational/compilers.ts";
import type { CompilerRegistry } from "../../relational/registry.ts";

/** The operators DuckDB runs: those all engines share, and its own. */
export const operatorCompilers: CompilerRegistry = { ...relationalCompilers, assemble: compileAssemble };
