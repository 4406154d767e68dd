import type { MessageInitShape } from "@bufbuild/protobuf";
import type { RelationSchema } from "./generated/relations_pb.ts";

/** A relation in protocol form; build one with {@link sql}, {@link parquet} or {@link cached}. */
export type RelationInit = MessageInitShape<typeof RelationSchema>;

/** A relation given as SQL text; `views` are referred to by name. */
export function sql(query: string): RelationInit {
  return { relType: { case: "sql", value: { query } } };
}

/** A relation read from a parquet path. */
export function parquet(path: string): RelationInit {
  return {
    relType: { case: "read", value: { readType: { case: "dataSource", value: { format: "parquet", paths: [path] } } } },
  };
}

/** A relation that was checkpointed on the server. */
export function cached(relationId: string): RelationInit {
  return { relType: { case: "cachedRemoteRelation", value: { relationId } } };
}

/** A relation whose rows are counted on the way, as {@link rowsObserved}. */
export function countingRows(input: RelationInit): RelationInit {
  const count = { exprType: { case: "expressionString" as const, value: { expression: "count(*) AS n" } } };
  return { relType: { case: "collectMetrics", value: { input, name: rowsObserved, metrics: [count] } } };
}

/** Name of the observed metric. */
export const rowsObserved = "rows";

/** Columns of a relation by their names. */
export function selected(input: RelationInit, columns: readonly string[]): RelationInit {
  const expressions = columns.map((name) => ({
    exprType: { case: "unresolvedAttribute" as const, value: { unparsedIdentifier: name } },
  }));
  return { relType: { case: "project", value: { input, expressions } } };
}
