import type { ResultHandle } from "../../core/executor.ts";
import type { ColumnBytes, IterationNode } from "../../core/iteration.ts";
import type { FoundResult, ResultPart } from "../store/result-store.ts";
import type { ColumnLayout, ColumnToWrite } from "./column-layout.ts";
import type { ColumnIds } from "./columns.ts";
import type { RelationalEngine, ResultPlace } from "./engine.ts";
import type { Payload, RelationPayload, RelationShape } from "./shape.ts";

/** Files of one result, ready for the store; `columns` names them if they are columns. */
interface WrittenFiles {
  readonly parts: readonly ResultPart[];
  readonly discard: () => Promise<void>;
  readonly columns?: readonly string[];
}

/** Writes results as files and reads them: each column once, in a file of its own, if there is a layout, else as the engine does. */
export class ResultFiles {
  readonly #engine: RelationalEngine;
  readonly #columnIds: ColumnIds;
  readonly #layout: ColumnLayout | undefined;

  constructor(engine: RelationalEngine, columnIds: ColumnIds, layout: ColumnLayout | undefined) {
    this.#engine = engine;
    this.#columnIds = columnIds;
    this.#layout = layout;
  }

  /** A result's files; the caller discards what the engine keeps for them. */
  async write({ node, payload }: ResultHandle, to: ResultPlace & { readonly folder: string }): Promise<WrittenFiles> {
    const files = this.#engine.columnFiles;
    const made = payload as Payload;
    const isWhole = this.#layout === undefined || files === undefined || made.kind !== "relation";
    const { parts, discard } = isWhole
      ? await this.#engine.writeResult(made, to)
      : { parts: [], discard: () => Promise.resolve() };
    if (this.#layout === undefined || files === undefined) return { parts, discard };
    const [whole] = parts;
    const column = (which: ColumnToWrite, path: string): Promise<void> =>
      files.write(made as RelationPayload, which, { ...to, path });
    return { ...this.#layout.parts(node, made, { column, ...(whole === undefined ? {} : { whole }) }), discard };
  }

  /** The result in files; `table` names the tables it becomes. */
  read({ meta, paths }: FoundResult, from: ResultPlace, table: () => string): Promise<Payload> {
    const files = this.#engine.columnFiles;
    const columns = meta["columns"] as readonly string[] | undefined;
    if (columns === undefined || files === undefined || meta["kind"] !== "relation")
      return this.#engine.readResult(table(), meta, { ...from, paths: [...paths.values()] });
    const shape = meta["shape"] as RelationShape;
    return files.read(table, { shape, rows: Number(meta.rows), columns }, { ...from, paths });
  }

  /** Bytes of the columns of a relation in one file; undefined for anything else and where the engine does not tell. */
  async columnBytes({ meta, paths }: FoundResult, node: IterationNode): Promise<readonly ColumnBytes[] | undefined> {
    const [path] = paths.values();
    if (path === undefined || meta["kind"] !== "relation") return undefined;
    const bytes = await this.#engine.columnBytes?.(path);
    if (bytes === undefined) return undefined;
    const shape = meta["shape"] as RelationShape;
    const ids = this.#columnIds.of(node, shape);
    return [...shape.keys, ...shape.columns].map(({ name, sqlType }, i) => ({
      id: ids[i] ?? "",
      bytes: bytes.get(name) ?? 0,
      memoryBytes: Number(meta.rows) * this.#engine.dialect.widthBytes(sqlType),
      type: sqlType,
    }));
  }
}
