/** Columns of relations as they are stored: by ids that stand for their content. */
import { columnsOf, type NamedColumn } from "../../core/column-lineage.ts";
import { WorkflowError } from "../../core/errors.ts";
import type { IterationNode } from "../../core/iteration.ts";
import { sha256Hex } from "../../core/signature.ts";
import type { ColumnShape, RelationShape } from "./shape.ts";

/** Knows the column lineage of every version it has seen. */
export class ColumnIds {
  readonly #bySignature = new Map<string, readonly NamedColumn[]>();

  /** Follows the columns of a version's nodes, up to one that reads what is not there: the engine says so better. */
  see(nodes: readonly IterationNode[]): void {
    try {
      columnsOf(nodes, this.#bySignature);
    } catch (error) {
      if (!(error instanceof WorkflowError)) throw error;
    }
  }

  /**
   * Ids of a relation's columns, row keys first, in the order of its shape: equal ids = the same values in the same rows, stored
   * as the same type. A column whose lineage is unknown belongs to its result alone.
   */
  of({ signature }: Pick<IterationNode, "signature">, { space, keys, columns }: RelationShape): readonly string[] {
    const lineage = new Map(this.#bySignature.get(signature)?.map(({ name, id }) => [name, id]));
    return [
      ...keys.map(({ name, sqlType }) => hashed("key", space, name, sqlType)),
      ...columns.map((column) => {
        const known = lineage.get(column.name);
        return known === undefined ? hashed("own", signature, column.name) : stored(known, column);
      }),
    ];
  }
}

/** The same values as another type, or as codes of another number of levels, are other bytes. */
function stored(id: string, { sqlType, levels }: ColumnShape): string {
  return hashed("column", id, sqlType, String(levels ?? ""));
}

function hashed(...parts: readonly string[]): string {
  return sha256Hex(parts.join("\n")).slice(0, 16);
}
