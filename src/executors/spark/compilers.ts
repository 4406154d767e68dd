import { relationalCompilers } from "../relational/compilers.ts";
import type { CompilerRegistry } from "../relational/registry.ts";
import { compileSparkAssemble } from "./assemble.ts";
import { compileSparkLearn } from "./learn.ts";
import { compileSparkPredict } from "./predict.ts";

/** The operators Spark runs: those all engines share, and its own. */
export const sparkCompilers: CompilerRegistry = {
  ...relationalCompilers,
  assemble: compileSparkAssemble,
  learn: compileSparkLearn,
  predict: compileSparkPredict,
};
