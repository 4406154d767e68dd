/** Operators that make a new row identity: rows are numbered anew, in an order that does not depend on threads. */
import { WorkflowError } from "../../core/errors.ts";
import type { AggregateOp, FilterOp, JoinOp } from "../../core/operators.ts";
import { columnOf, keyOf, type LocalColumn, type OperatorCompiler } from "./registry.ts";
import type { ColumnShape } from "./shape.ts";
import { constant, type Dialect } from "./dialect.ts";
import { ident } from "./sql.ts";

const comparisons = { eq: "=", ne: "<>", lt: "<", le: "<=", gt: ">", ge: ">=" } as const;

/** `filter`: rows of one parent, in its order. */
export const compileFilter: OperatorCompiler<FilterOp> = function* (op, context) {
  const relation = context.relation(0);
  const column = columnOf(context, relation, op.column);
  if (op.compare !== "not-null" && op.value === undefined)
    throw new WorkflowError(
      `${context.dialect.engine}: filter "${context.node.id}" compares "${op.column}" with nothing; set "value"`,
    );
  const where =
    op.compare === "not-null"
      ? `${column.at.alias} IS NOT NULL`
      : `${column.at.alias} ${comparisons[op.compare]} ${constant(context.dialect, op.value ?? "")}`;
  const kept = relation.columns.some(({ at }) => at === column.at) || relation.keys.some(({ at }) => at === column.at);
  if (!kept)
    throw new WorkflowError(
      `${context.dialect.engine}: filter "${context.node.id}" reads a column that is not its parent's`,
    );
  const sql = yield* context.select(relation.space, [...relation.keys, ...relation.columns], where);
  return yield* context.newSpace(
    renumbered(context.dialect, sql, [...relation.keys, ...relation.columns]),
    relation.keys.map(({ shape }) => shape),
    relation.columns.map(({ shape }) => shape),
  );
};

/** Rows kept of others in their order, with numbers of their own where rows carry numbers. */
function renumbered(dialect: Dialect, sql: string, columns: readonly LocalColumn[]): string {
  if (!dialect.hasRowColumn) return sql;
  return dialect.inOrder({ items: columns.map(({ shape }) => ident(shape.name)), from: `(${sql})`, order: ["rid"] });
}

/** `join`: left join, sorted by the left row and then the right row, as hash joins promise no order. */
export const compileJoin: OperatorCompiler<JoinOp> = function* (op, context) {
  const [left, right] = [context.relation(0), context.relation(1)];
  for (const { space, columns, keys } of [left, right])
    yield* context.settle(space, [...keys, ...columns], { numbered: true });
  const rid = (space: typeof left.space): readonly LocalColumn[] =>
    context.dialect.hasRowColumn
      ? []
      : [{ at: space.rid(), shape: { name: "rid", type: "integer", sqlType: "BIGINT" } }];
  const on = op.on.map((name) => {
    columnOf(context, left, name);
    columnOf(context, right, name);
    return `l.${ident(name)} = r.${ident(name)}`;
  });
  const mine = [...left.keys, ...left.columns];
  const theirs = right.columns.filter(({ shape }) => !op.on.includes(shape.name));
  const renamed = theirs.map(({ shape }): ColumnShape => ({ ...shape, name: `${op.prefix}${shape.name}` }));
  const items = [
    ...mine.map(({ shape }) => `l.${ident(shape.name)} AS ${ident(shape.name)}`),
    ...theirs.map(({ shape }, i) => `r.${ident(shape.name)} AS ${ident(renamed[i]?.name ?? shape.name)}`),
  ];
  const leftSql = yield* context.select(left.space, [...mine, ...rid(left.space)]);
  const keys = op.on.map((name) => columnOf(context, right, name));
  const rightSql = yield* context.select(right.space, [...keys, ...theirs, ...rid(right.space)]);
  return yield* context.newSpace(
    context.dialect.inOrder({
      items,
      from: `(${leftSql}) AS l LEFT JOIN (${rightSql}) AS r ON ${on.join(" AND ")}`,
      order: ['l."rid" NULLS LAST', 'r."rid" NULLS LAST'],
    }),
    left.keys.map(({ shape }) => shape),
    [...left.columns.map(({ shape }) => shape), ...renamed],
  );
};

/** `aggregate`: one row per key, sorted by the keys; sums of doubles run in the order of rows. */
export const compileAggregate: OperatorCompiler<AggregateOp> = function* (op, context) {
  const relation = context.relation(0);
  const keys = op.keys.map((name) => columnOf(context, relation, name));
  const inputs = op.measures.map(({ column }) =>
    column === undefined ? undefined : columnOf(context, relation, column),
  );
  const needsOrder = inputs.some((column) => column?.shape.type === "double");
  const used = [...new Map([...keys, ...inputs.flatMap((c) => c ?? [])].map((c) => [c.shape.name, c])).values()];
  yield* context.settle(relation.space, used, { numbered: needsOrder });
  if (needsOrder && !context.dialect.hasRowColumn)
    used.push({ at: relation.space.rid(), shape: { name: "rid", type: "integer", sqlType: "BIGINT" } });
  const measures = op.measures.map((measure, i) => measureOf(context.dialect, measure, inputs[i]));
  const by = keys.map(({ shape }) => ident(shape.name));
  const items = [...by, ...measures.map(({ expr, shape }) => `${expr} AS ${ident(shape.name)}`)];
  const order = by.map((name) => `${name} ASC NULLS LAST`);
  const source = yield* context.select(relation.space, used);
  const group = by.length === 0 ? "" : ` GROUP BY ${by.join(", ")}`;
  const sql = context.dialect.inOrder({ items, from: `(${source})${group}`, order });
  const split = op.keys.includes("split") ? [keyOf(context, relation, "split").shape] : [];
  return yield* context.newSpace(sql, split, [
    ...keys.filter(({ shape }) => shape.name !== "split").map(({ shape }) => shape),
    ...measures.map(({ shape }) => shape),
  ]);
};

function measureOf(
  dialect: Dialect,
  measure: AggregateOp["measures"][number],
  column: LocalColumn | undefined,
): { readonly expr: string; readonly shape: ColumnShape } {
  const name = measure.as;
  const integer = (expr: string) => ({ expr, shape: { name, type: "integer", sqlType: "BIGINT" } as const });
  const double = (expr: string) => ({ expr, shape: { name, type: "double", sqlType: "DOUBLE" } as const });
  if (column === undefined) {
    if (measure.fn === "count") return integer("count(*)");
    throw new WorkflowError(`${dialect.engine}: measure "${name}" (${measure.fn}) names no column; only count may`);
  }
  const x = ident(column.shape.name);
  const isExact = column.shape.type === "integer" || column.shape.type === "boolean";
  const sum = isExact ? `CAST(sum(CAST(${x} AS ${dialect.wideType})) AS DOUBLE)` : dialect.sumInOrder(x);
  if (measure.fn === "count") return integer(`count(${x})`);
  if (measure.fn === "sum")
    return isExact ? integer(`CAST(sum(CAST(${x} AS ${dialect.wideType})) AS BIGINT)`) : double(sum);
  if (measure.fn === "mean") return double(`${sum} / nullif(count(${x}), 0)`);
  if (measure.fn === "stddev") return double(isExact ? exactDeviation(dialect, x) : dialect.deviationInOrder(x));
  return { expr: `${measure.fn}(${x})`, shape: { ...column.shape, name } };
}

function exactDeviation(dialect: Dialect, x: string): string {
  const [n, sum, squares] = [
    `count(${x})`,
    `sum(CAST(${x} AS ${dialect.wideType}))`,
    `sum(CAST(${x} AS ${dialect.wideType}) * ${x})`,
  ];
  return `sqrt(CAST(${n} * ${squares} - ${sum} * ${sum} AS DOUBLE) / nullif(CAST(${n} AS DOUBLE) * (${n} - 1), 0))`;
}
