import type { Payload } from "./shape.ts";

/** Counts who uses which of the engine's tables; the last one out drops the table. */
export class Tables {
  readonly #dropTable: (table: string) => Promise<void>;
  readonly #uses = new Map<string, number>();

  constructor(dropTable: (table: string) => Promise<void>) {
    this.#dropTable = dropTable;
  }

  /** Tables alive. */
  get count(): number {
    return this.#uses.size;
  }

  /** A payload came to life. */
  hold(payload: Payload): void {
    for (const table of tablesOf(payload)) this.#uses.set(table, (this.#uses.get(table) ?? 0) + 1);
  }

  /** A payload is not needed any more. */
  async drop(payload: Payload): Promise<void> {
    for (const table of tablesOf(payload)) {
      const uses = (this.#uses.get(table) ?? 0) - 1;
      if (uses > 0) this.#uses.set(table, uses);
      else {
        this.#uses.delete(table);
        await this.#dropTable(table);
      }
    }
  }

  /** Drops those of the tables that nobody holds. */
  async dropUnheld(tables: Iterable<string>): Promise<void> {
    for (const table of tables) if (!this.#uses.has(table)) await this.#dropTable(table);
  }
}

function tablesOf(payload: Payload): ReadonlySet<string> {
  if (payload.kind !== "relation") return new Set();
  return new Set([...payload.columns.values()].map(({ table }) => table));
}
