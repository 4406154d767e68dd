import { WorkflowError } from "../../core/errors.ts";
import type { ScanOp, SourceFile, SourceOp } from "../../core/operators.ts";
import type { OperatorCompiler } from "./registry.ts";
import type { ColumnShape } from "./shape.ts";
import type { Dialect } from "./dialect.ts";
import { compileTextScan } from "./text.ts";

/** The key `split` over the splits of a source's files, `train` and `test` always among them. */
export function splitKey(dialect: Dialect, files: readonly SourceFile[]): ColumnShape {
  const splits = [...new Set(["train", "test", ...files.map(({ split }) => split)])];
  return { name: "split", type: "text", sqlType: dialect.splitType(splits) };
}

/** Compiles `source`: the files themselves; reading them is the scan's work. */
export const compileSource: OperatorCompiler<SourceOp> = ({ files }) => ({ kind: "files", files });

/** Compiles `scan`: one reader per file, united in the order of the files, typed by the reader so that it names bad lines. */
export const compileScan: OperatorCompiler<ScanOp> = function* (op, context) {
  const source = context.parents[0];
  if (source?.kind !== "files")
    throw new WorkflowError(
      `${context.dialect.engine}: node "${context.node.id}" scans "${context.node.parents[0] ?? "nothing"}", which is no source`,
    );
  const { dialect } = context;
  const split = splitKey(dialect, source.files);
  if (op.format !== "csv") return yield* compileTextScan(op, context, source.files, split);
  const parts = source.files.map((file) => dialect.readCsv(file, op.columns, split.sqlType));
  const columns = op.columns.map(({ name, type }) => ({ name, type, sqlType: dialect.typeOf(type) }));
  return yield* context.newSpace(dialect.unite(parts), [split], columns, { hasGaps: dialect.hasRowColumn });
};
