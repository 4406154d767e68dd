import { WorkflowError } from "../../../core/errors.ts";
import type { ColumnSpec, ScalarType, ScanOp, SourceFile, SourceOp } from "../../../core/operators.ts";
import type { OperatorCompiler } from "./registry.ts";
import type { ColumnShape } from "./shape.ts";
import { ident, splitType, text } from "./sql.ts";
import { compileTextScan } from "./text.ts";

/** Engine type of a scanned column. */
export function sqlTypeOf(type: ScalarType): string {
  return { integer: "BIGINT", double: "DOUBLE", text: "VARCHAR", boolean: "BOOLEAN" }[type];
}

/** The key `split` over the splits of a source's files, `train` and `test` always among them. */
export function splitKey(files: readonly SourceFile[]): ColumnShape {
  const splits = [...new Set(["train", "test", ...files.map(({ split }) => split)])];
  return { name: "split", type: "text", sqlType: splitType(splits) };
}

/** Compiles `source`: the files themselves; reading them is the scan's work. */
export const compileSource: OperatorCompiler<SourceOp> = ({ files }) => ({ kind: "files", files });

/** Compiles `scan`: one read_csv per file, united in the order of the files, typed by the reader so that it names bad lines. */
export const compileScan: OperatorCompiler<ScanOp> = function* (op, context) {
  const source = context.parents[0];
  if (source?.kind !== "files")
    throw new WorkflowError(
      `duckdb: node "${context.node.id}" scans "${context.node.parents[0] ?? "nothing"}", which is no source`,
    );
  const split = splitKey(source.files);
  if (op.format !== "csv") return yield* compileTextScan(op, context, source.files, split);
  const parts = source.files.map(
    (file) =>
      `SELECT CAST(${text(file.split)} AS ${split.sqlType}) AS "split", ${op.columns.map(clean).join(", ")} FROM ${readCsv(file.path, op.columns)}`,
  );
  const columns = op.columns.map(({ name, type }) => ({ name, type, sqlType: sqlTypeOf(type) }));
  return yield* context.newSpace(parts.join(" UNION ALL "), [split], columns);
};

/** Spaces around text trimmed, `?` and empty are null; the reader does so for other types. */
function clean({ name, type }: ColumnSpec): string {
  return type === "text" ? `nullif(nullif(trim(${ident(name)}), '?'), '') AS ${ident(name)}` : ident(name);
}

function readCsv(path: string, columns: readonly ColumnSpec[]): string {
  const types = columns.map(({ name, type }) => `${text(name)}: ${text(sqlTypeOf(type))}`).join(", ");
  return `read_csv(${text(path)}, header = false, auto_detect = false, delim = ',', quote = '"', escape = '"', comment = '|', nullstr = ['', '?', ' ?'], columns = {${types}})`;
}
