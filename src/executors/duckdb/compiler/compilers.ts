import { compileAssemble } from "./assemble.ts";
import {
  compileBucketise,
  compileExpression,
  compileField,
  compileHashFeature,
  compileInteraction,
  compileProject,
  compileSqlUdf,
} from "./features.ts";
import { compileLearn } from "./learn.ts";
import { compilePredict } from "./predict.ts";
import { compileReduce } from "./reduce.ts";
import type { CompilerRegistry } from "./registry.ts";
import { compileAggregate, compileFilter, compileJoin } from "./relational.ts";
import { compileScan, compileSource } from "./scan.ts";
import { compileText, compileWindow } from "./text.ts";
import { compileDecode } from "./text-spans.ts";
import { compileUdf } from "./udf.ts";

/**
 * The operators DuckDB runs. A new operator is one file with an {@link OperatorCompiler} and one line here; a new model is a
 * learner (`learners/index.ts`) and a predictor (`predict.ts`), a new metric a reducer (`reduce.ts`).
 */
export const operatorCompilers: CompilerRegistry = {
  source: compileSource,
  scan: compileScan,
  field: compileField,
  bucketise: compileBucketise,
  interaction: compileInteraction,
  expression: compileExpression,
  assemble: compileAssemble,
  filter: compileFilter,
  project: compileProject,
  join: compileJoin,
  aggregate: compileAggregate,
  "hash-feature": compileHashFeature,
  text: compileText,
  window: compileWindow,
  learn: compileLearn,
  predict: compilePredict,
  decode: compileDecode,
  reduce: compileReduce,
  udf: compileUdf,
  "sql-udf": compileSqlUdf,
};
