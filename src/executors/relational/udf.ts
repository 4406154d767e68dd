import { PlugInError } from "../../core/errors.ts";
import type { UdfOp } from "../../core/operators.ts";
import { type LocalColumn, type OperatorCompiler, columnOf, valueOf } from "./registry.ts";
import { type Column, fetchColumns, upload, work } from "./steps.ts";

/** Compiles `udf`: columns are fetched, the function runs here, its values become a table with the same rows. */
export const compileUdf: OperatorCompiler<UdfOp> = function* (op, context) {
  const base = context.relation(0);
  const features = context.parents.map((_, i) => context.relation(i).columns);
  const isPerParent = features.length === op.columns.length && features.every((columns) => columns.length === 1);
  const picked = op.columns.map((name, i) => (isPerParent ? valueOf(context, i) : columnOf(context, base, name)));
  const named = picked.map((column, i): LocalColumn => ({ at: column.at, shape: { ...column.shape, name: `a${i}` } }));
  yield* context.settle(base.space, [...base.keys, ...named], { numbered: true });
  const sql = yield* context.select(base.space, named);
  const values = yield* fetchColumns(
    sql,
    named.map(() => "any"),
  );
  const rows = values[0]?.length ?? 0;
  const columns = Object.fromEntries(op.columns.map((name, i) => [name, (values[i] ?? []) as readonly unknown[]]));
  const result = yield* work(`udf ${context.node.id}`, () => callFunction(op, columns, context.node.id));
  if (!Array.isArray(result) && !ArrayBuffer.isView(result))
    throw new PlugInError(`udf "${context.node.id}": returned ${typeof result}; expected one value per row`);
  if (result.length !== rows)
    throw new PlugInError(
      `udf "${context.node.id}": returned ${result.length} values for ${rows} rows; expected one per row`,
    );
  const shape = { name: "value", type: op.returns.type, sqlType: context.dialect.typeOf(op.returns.type) };
  const table = context.names.table();
  yield* upload(table, [{ name: shape.name, sqlType: shape.sqlType, values: result as Column }], rows);
  return {
    kind: "relation",
    space: base.space,
    keys: base.keys,
    columns: context.tableColumns(base, table, [shape]),
  };
};

function callFunction(
  op: UdfOp,
  columns: Readonly<Record<string, readonly unknown[]>>,
  id: string,
): readonly unknown[] {
  try {
    return op.fn(columns, op.with);
  } catch (error) {
    throw new PlugInError(`udf "${id}": the function threw ${String(error)}`, { cause: error });
  }
}
