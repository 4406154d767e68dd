/** Row-aligned operators: each is columns of its parents' relation. */
import { WorkflowError } from "../../core/errors.ts";
import type {
  BucketiseOp,
  ExpressionOp,
  FieldOp,
  HashFeatureOp,
  InteractionOp,
  ProjectOp,
  SqlUdfOp,
} from "../../core/operators.ts";
import { momentsOf } from "./moments.ts";
import { columnOf, type OperatorCompiler, valueOf } from "./registry.ts";
import type { ColumnShape } from "./shape.ts";
import type { Dialect } from "./dialect.ts";
import { double } from "./sql.ts";

const separator = "chr(31)";

function asText(
  dialect: Dialect,
  column: { readonly shape: ColumnShape; readonly at: { readonly alias: string } },
): string {
  return column.shape.type === "text" ? column.at.alias : `CAST(${column.at.alias} AS ${dialect.textType})`;
}

/** `field`: the scanned column itself where nothing has to be changed, so that it costs nothing. */
export const compileField: OperatorCompiler<FieldOp> = (op, context) => {
  const relation = context.relation(0);
  const column = columnOf(context, relation, op.column);
  const { at } = column;
  if (op.as === "numeric") {
    const shape: ColumnShape = { ...column.shape, name: "value", role: "numeric" };
    if (column.shape.type !== "text") return { ...relation, columns: [{ shape, at }] };
    return context.addColumns(relation, [
      { shape: { ...shape, type: "double", sqlType: "DOUBLE" }, expr: `CAST(${at.alias} AS DOUBLE)`, from: [at] },
    ]);
  }
  const shape: ColumnShape = { name: "value", type: "text", sqlType: context.dialect.textType, role: "categorical" };
  if (column.shape.sqlType === context.dialect.textType && op.trimSuffix === undefined)
    return { ...relation, columns: [{ shape, at }] };
  const value =
    column.shape.sqlType === context.dialect.textType ? at.alias : `CAST(${at.alias} AS ${context.dialect.textType})`;
  const expr = op.trimSuffix === undefined ? value : context.dialect.withoutEnding(value, op.trimSuffix);
  return context.addColumns(relation, [{ shape, expr, from: [at], weight: 30 }]);
};

/** `bucketise`: small integer codes, null for null. */
export const compileBucketise: OperatorCompiler<BucketiseOp> = (op, context) => {
  const relation = context.relation(0);
  const { at } = valueOf(context, 0);
  const steps = op.edges.map((edge, k) => `WHEN ${at.alias} < ${double(edge)} THEN ${k}`);
  const expr = `CAST(CASE WHEN ${at.alias} IS NULL THEN NULL ${steps.join(" ")} ELSE ${op.edges.length} END AS INTEGER)`;
  const shape: ColumnShape = {
    name: "value",
    type: "integer",
    sqlType: "INTEGER",
    role: "categorical",
    levels: op.edges.length + 1,
  };
  return context.addColumns(relation, [{ shape, expr, from: [at] }]);
};

/** `interaction`: values joined by U+001F; `||` gives null if any is null. */
export const compileInteraction: OperatorCompiler<InteractionOp> = (_op, context) => {
  const values = context.parents.map((_, i) => valueOf(context, i));
  const shape: ColumnShape = { name: "value", type: "text", sqlType: context.dialect.textType, role: "categorical" };
  const expr = values.map((value) => asText(context.dialect, value)).join(` || ${separator} || `);
  return context.addColumns(context.relation(0), [{ shape, expr, from: values.map(({ at }) => at), weight: 60 }]);
};

/** `expression`: arithmetic in doubles; `standardise` reads mean and deviation of the train split first. */
export const compileExpression: OperatorCompiler<ExpressionOp> = function* (op, context) {
  const relation = context.relation(0);
  const value = valueOf(context, 0);
  const x = `CAST(${value.at.alias} AS DOUBLE)`;
  const shape: ColumnShape = { name: "value", type: "double", sqlType: "DOUBLE", role: "numeric" };
  const add = (expr: string, as: ColumnShape = shape) =>
    context.addColumns(relation, [{ shape: as, expr, from: [value.at] }]);
  if (op.fn === "log1p") return add(`CASE WHEN ${x} > -1 THEN ln(1 + ${x}) END`);
  if (op.fn === "square") return add(`${x} * ${x}`);
  if (op.fn === "is-positive")
    return add(`CAST(${value.at.alias} > 0 AS INTEGER)`, { ...shape, type: "integer", sqlType: "INTEGER" });
  const [moments] = yield* momentsOf(context, relation, [value]);
  return add(standardised(x, moments ?? { mean: 0, deviation: 1 }));
};

/** (x − mean) / deviation with the constants' exact bits; a constant column becomes 0. */
export function standardised(x: string, moments: { readonly mean: number; readonly deviation: number }): string {
  const deviation = moments.deviation > 0 ? moments.deviation : 1;
  return `(${x} - ${double(moments.mean)}) / ${double(deviation)}`;
}

/** `hash-feature`: the first eight hexadecimal digits of md5, modulo the buckets; the same on every engine. */
export const compileHashFeature: OperatorCompiler<HashFeatureOp> = (op, context) => {
  const value = valueOf(context, 0);
  const shape: ColumnShape = {
    name: "value",
    type: "integer",
    sqlType: "INTEGER",
    role: "categorical",
    levels: op.buckets,
  };
  const expr = context.dialect.bucketOf(asText(context.dialect, value), op.buckets);
  return context.addColumns(context.relation(0), [{ shape, expr, from: [value.at], isDear: true, weight: 150 }]);
};

/** `project`: named columns of one parent, nothing computed. */
export const compileProject: OperatorCompiler<ProjectOp> = (op, context) => {
  const relation = context.relation(0);
  return {
    kind: "relation",
    space: relation.space,
    keys: relation.keys,
    columns: op.columns.map((name) => columnOf(context, relation, name)),
  };
};

/** `sql-udf`: the user's scalar expression, `$k` standing for the column of parent k (the parents' columns in order, if several). */
export const compileSqlUdf: OperatorCompiler<SqlUdfOp> = (op, context) => {
  const columns = context.parents.flatMap((_, i) => context.relation(i).columns);
  const expr = op.text.replaceAll(/\$(\d+)/gu, (all, digits: string) => {
    const column = columns[Number(digits) - 1];
    if (column === undefined)
      throw new WorkflowError(
        `${context.dialect.engine}: node "${context.node.id}" mentions ${all}; its parents have ${columns.length} columns, $1 to $${columns.length}`,
      );
    return column.at.alias;
  });
  const sqlType = context.dialect.typeOf(op.returns.type);
  return context.addColumns(context.relation(0), [
    {
      shape: { name: "value", type: op.returns.type, sqlType },
      expr: `CAST((${expr}) AS ${sqlType})`,
      from: columns.map(({ at }) => at),
      isDear: true,
      weight: 40,
    },
  ]);
};
