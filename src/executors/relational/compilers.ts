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
import { compileExtend } from "./extend.ts";
import { compileAggregate, compileFilter, compileJoin } from "./rows.ts";
import { compileScan, compileSource } from "./scan.ts";
import { compileSelect } from "./select.ts";
import { compileDecode } from "./spans.ts";
import { compileText, compileWindow } from "./text.ts";
import { compileUdf } from "./udf.ts";

/**
 * The operators that engines share; each engine adds its own. A new operator is one file with an {@link OperatorCompiler} and
 * one line here; a new model is a learner (`learners/index.ts`) and a predictor (`predict.ts`), a new metric a reducer (`reduce.ts`).
 */
export const relationalCompilers: CompilerRegistry = {
  source: compileSource,
  scan: compileScan,
  field: compileField,
  bucketise: compileBucketise,
  interaction: compileInteraction,
  expression: compileExpression,
  filter: compileFilter,
  project: compileProject,
  extend: compileExtend,
  join: compileJoin,
  aggregate: compileAggregate,
  "hash-feature": compileHashFeature,
  text: compileText,
  window: compileWindow,
  learn: compileLearn,
  select: compileSelect,
  predict: compilePredict,
  decode: compileDecode,
  reduce: compileReduce,
  udf: compileUdf,
  "sql-udf": compileSqlUdf,
};
