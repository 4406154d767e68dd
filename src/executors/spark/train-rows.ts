import { WorkflowError } from "../../core/errors.ts";
import { examplesOf } from "../relational/learn.ts";
import type { FeatureColumn } from "../relational/learning-steps.ts";
import { columnOf, keyOf, type LocalColumn, type OperatorContext } from "../relational/registry.ts";
import { ident } from "../relational/sql.ts";
import { query, type Steps } from "../relational/steps.ts";

/** The train split of the examples behind parent 0, as MLlib reads it. */
export interface TrainRows {
  /** FROM item and WHERE. */
  readonly from: string;
  /** Items of a SELECT: `label`, 1 for all codes above 0, and the features, all doubles. */
  readonly items: string;
  readonly features: readonly FeatureColumn[];
}

/** @throws {WorkflowError} for examples without a feature of several values */
export function* trainRows(context: OperatorContext): Steps<TrainRows> {
  const relation = examplesOf(context, 0);
  const columns = relation.examples.features.map((name) => columnOf(context, relation, name));
  const features = featureColumns(columns);
  if (features.every(({ levels }) => levels === 1))
    throw new WorkflowError(
      `spark: node "${context.node.id}" learns from ${features.length === 0 ? "no feature" : "features of one value each"}; assemble at least one that tells rows apart`,
    );
  const used = [keyOf(context, relation, "split"), columnOf(context, relation, "label"), ...columns];
  const from = `(${yield* context.select(relation.space, used)}) WHERE "split" = 'train'`;
  return { from, items: [`CAST("label" > 0 AS DOUBLE) AS "label"`, ...asDoubles(features)].join(", "), features };
}

/** How many there are. @throws {WorkflowError} for none */
export function* countTrainRows(context: OperatorContext, { from }: TrainRows): Steps<number> {
  const [counted] = yield* query(`SELECT count(*) FROM ${from}`);
  const rows = Number(counted?.[0] ?? 0);
  if (rows === 0)
    throw new WorkflowError(
      `spark: node "${context.node.id}" learns from no row; its examples have none in the train split`,
    );
  return rows;
}

/** Columns of examples as MLlib is told of them. */
export function featureColumns(columns: readonly LocalColumn[]): readonly FeatureColumn[] {
  return columns.map(({ shape: { name, levels = 0 } }) => ({ name, levels }));
}

/** Items of a SELECT: columns under their names, MLlib knows doubles only. */
export function asDoubles(features: readonly FeatureColumn[]): readonly string[] {
  return features.map(({ name }) => `CAST(${ident(name)} AS DOUBLE) AS ${ident(name)}`);
}
