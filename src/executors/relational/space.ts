import type { TableColumn } from "./shape.ts";
import type { Dialect } from "./dialect.ts";
import { ident } from "./sql.ts";
import { run, type Steps } from "./steps.ts";

/** Where a column's values come from: a table, the space's unread origin, other columns, the row number, or nowhere any more. */
type ColumnOrigin =
  | { readonly kind: "table"; readonly at: TableColumn }
  | { readonly kind: "origin"; readonly expr: string }
  | { readonly kind: "derived"; readonly expr: string; readonly from: readonly SpaceColumn[] }
  | { readonly kind: "rid" }
  | { readonly kind: "gone" };

/** A column of a space while a segment is compiled; expressions refer to it by `alias`. */
export interface SpaceColumn {
  /** Unique in the segment, needs no quotes. */
  readonly alias: string;
  /** Node it belongs to, and how its cost compares with that of other columns (about nanoseconds a row). */
  readonly owner: string;
  readonly weight: number;
  /** Worth computing once only (regular expressions, windows). */
  readonly isDear: boolean;
  origin: ColumnOrigin;
}

/** What a column costs, and whom. */
export interface ColumnCost {
  readonly owner: string;
  /** About nanoseconds a row; only ratios matter. Default 10. */
  readonly weight?: number;
  readonly isDear?: boolean;
}

/** Parsing a value out of a file, or fetching it through a join. */
const originWeight = 80;
const usualWeight = 10;

/** Names that are unique in one engine session (tables) or segment (columns). */
export interface Names {
  table(): string;
  alias(hint: string): string;
}

/** Counting names: t1, t2 … and c1_hint, c2_hint … */
export function countingNames(firstTable = 1): Names {
  let tables = firstTable;
  let aliases = 1;
  return {
    table: () => `t${tables++}`,
    alias: (hint) => `c${aliases++}_${hint.replaceAll(/[^A-Za-z0-9_]/gu, "_").slice(0, 40)}`,
  };
}

/**
 * All relations of one row identity in a segment: some tables with equal row counts, perhaps an origin not read yet (a CSV scan,
 * a filter, a join), and columns over them. Columns of several tables meet by row, never by a key.
 */
export class Space {
  readonly id: string;
  readonly #names: Names;
  readonly #dialect: Dialect;
  /** FROM item of what has not been read into a table yet. */
  #origin: string | undefined;
  #originHasGaps = false;
  readonly #columns = new Set<SpaceColumn>();
  #rid: SpaceColumn | undefined;
  #rows: number | undefined;

  constructor(id: string, names: Names, dialect: Dialect) {
    this.id = id;
    this.#names = names;
    this.#dialect = dialect;
  }

  /** True if columns cannot be numbered or joined by position before {@link Space.readOrigin}. */
  get isPending(): boolean {
    return this.#origin !== undefined;
  }

  /** Its rows, if an engine has told them while it made a table. */
  get rows(): number | undefined {
    return this.#rows;
  }

  /** A column that lies in a table. */
  tableColumn(at: TableColumn, hint: string): SpaceColumn {
    return this.#add(hint, { kind: "table", at }, { owner: "", weight: 0 });
  }

  /** A column computed from the unread origin; `expr` uses the origin's column names. */
  originColumn(expr: string, hint: string, owner: string): SpaceColumn {
    return this.#add(hint, { kind: "origin", expr }, { owner, weight: originWeight });
  }

  /** A column computed from others; `expr` uses their aliases. */
  derived(expr: string, from: readonly SpaceColumn[], hint: string, cost: ColumnCost): SpaceColumn {
    return this.#add(hint, { kind: "derived", expr, from }, cost);
  }

  /** The row number 0 … n−1; the space must not be pending. */
  rid(): SpaceColumn {
    this.#rid ??= this.#add("rid", { kind: "rid" }, { owner: "", weight: 0 });
    return this.#rid;
  }

  /** Starts a second origin for the same rows (a plan that runs a scan twice); the first must be materialised before. */
  setOrigin(origin: string, hasGaps = false): void {
    if (this.#origin !== undefined) throw new Error(`space ${this.id} already has an unread origin`);
    this.#origin = origin;
    this.#originHasGaps = hasGaps;
  }

  /**
   * SELECT text that gives `columns` under the names of `output`, in the order of rows. One statement: columns that depend on
   * each other are nested projections. Engines whose rows carry a number get `rid` as last column.
   * `where` filters; it may use the aliases of `columns` only.
   */
  select(columns: readonly SpaceColumn[], output: readonly string[], where?: string): string {
    const order = closure(columns);
    const depth = new Map<SpaceColumn, number>();
    for (const column of order)
      depth.set(
        column,
        column.origin.kind === "derived" ? 1 + Math.max(0, ...column.origin.from.map((c) => depth.get(c) ?? 0)) : 0,
      );
    const top = Math.max(0, ...depth.values());
    let from = this.#from(order);
    for (let level = 0; level <= top; level++) {
      const here = order.filter((column) => depth.get(column) === level);
      if (level === top && where === undefined) {
        const items = columns.map((column, i) => {
          const expr = depth.get(column) === level ? this.#expression(column, order) : column.alias;
          return `${expr} AS ${ident(output[i] ?? column.alias)}`;
        });
        return `SELECT ${[...items, ...this.#ridItem(level, order)].join(", ")} FROM ${from}`;
      }
      const passed = order.filter((column) => (depth.get(column) ?? 0) < level).map((column) => column.alias);
      const items = [...passed, ...here.map((column) => `${this.#expression(column, order)} AS ${column.alias}`)];
      from = `(SELECT ${[...items, ...this.#ridItem(level, order)].join(", ")} FROM ${from})`;
    }
    const items = columns.map((column, i) => `${column.alias} AS ${ident(output[i] ?? column.alias)}`);
    return `SELECT ${[...items, ...this.#ridItem(1, order)].join(", ")} FROM ${from}${where === undefined ? "" : ` WHERE ${where}`}`;
  }

  /**
   * Reads the origin, once: all of `columns` that hang on it go into one table, and what else hangs on it is gone. Of a column
   * that mixes origin and tables only the origin's share is read; it stays derived.
   */
  *readOrigin(columns: readonly SpaceColumn[]): Steps<void> {
    const wanted = new Set<SpaceColumn>();
    const collect = (column: SpaceColumn): void => {
      const kinds = new Set(closure([column]).map(({ origin }) => origin.kind));
      if (!kinds.has("origin")) return;
      if (kinds.has("table") && column.origin.kind === "derived") column.origin.from.forEach(collect);
      else wanted.add(column);
    };
    columns.forEach(collect);
    yield* this.#toTable([...wanted]);
    this.#origin = undefined;
    for (const column of this.#columns) if (dependsOnOrigin(column)) column.origin = { kind: "gone" };
  }

  /** Makes `columns` columns of tables: one statement, two if some hang on the origin and some on tables. */
  *materialise(columns: readonly SpaceColumn[]): Steps<void> {
    if (columns.some(dependsOnOrigin)) yield* this.readOrigin(columns);
    yield* this.#toTable([...new Set(columns)].filter(({ origin }) => origin.kind !== "table"));
  }

  *#toTable(columns: readonly SpaceColumn[]): Steps<void> {
    if (columns.length === 0) return;
    const table = this.#names.table();
    const stored = columns.map(({ alias }) => alias);
    const hasGaps = this.#originHasGaps && columns.some(dependsOnOrigin);
    const select = this.select(columns, stored);
    const rows = yield* run(this.#dialect.createTable(table, select), table, sharesOf(columns), hasGaps);
    this.#rows ??= rows;
    for (const column of columns) column.origin = { kind: "table", at: { table, column: column.alias } };
  }

  #add(hint: string, origin: ColumnOrigin, cost: ColumnCost): SpaceColumn {
    const { owner, weight = usualWeight, isDear = false } = cost;
    const column: SpaceColumn = { alias: this.#names.alias(hint), owner, weight, isDear, origin };
    this.#columns.add(column);
    return column;
  }

  #tables(order: readonly SpaceColumn[]): readonly string[] {
    const tables = new Set<string>();
    for (const { origin } of order) if (origin.kind === "table") tables.add(origin.at.table);
    if (tables.size === 0 && this.#origin === undefined)
      for (const { origin } of this.#columns)
        if (origin.kind === "table") {
          tables.add(origin.at.table);
          break;
        }
    return [...tables];
  }

  #from(order: readonly SpaceColumn[]): string {
    const tables = this.#tables(order);
    if (order.some((column) => column.origin.kind === "origin")) {
      if (tables.length > 0) throw new Error(`space ${this.id}: an unread origin cannot meet tables by position`);
      return this.#origin ?? "";
    }
    return this.#dialect.sideBySide(tables);
  }

  /** The row number as an item of a nested SELECT, where rows carry one. */
  #ridItem(level: number, order: readonly SpaceColumn[]): readonly string[] {
    if (!this.#dialect.hasRowColumn) return [];
    const isTable =
      level === 0 && !order.some(({ origin }) => origin.kind === "origin") && this.#tables(order).length > 0;
    return [isTable ? `${this.#dialect.rowNumber(this.#tables(order)[0] ?? "")} AS rid` : "rid"];
  }

  #expression(column: SpaceColumn, order: readonly SpaceColumn[]): string {
    const { origin } = column;
    if (origin.kind === "table") return `${origin.at.table}.${ident(origin.at.column)}`;
    if (origin.kind === "rid") return this.#dialect.rowNumber(this.#tables(order)[0] ?? "");
    if (origin.kind !== "gone") return origin.expr;
    throw new Error(`space ${this.id}: column ${column.alias} was not kept when its origin was read`);
  }
}

/** What the columns that are computed now cost their nodes. */
function sharesOf(columns: readonly SpaceColumn[]): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const { owner, weight, origin } of closure(columns))
    if (owner !== "" && (origin.kind === "origin" || origin.kind === "derived"))
      shares.set(owner, (shares.get(owner) ?? 0) + weight);
  return shares;
}

/** True if a column needs the space's unread origin (or one that was dropped). */
export function dependsOnOrigin(column: SpaceColumn): boolean {
  return closure([column]).some(({ origin }) => origin.kind === "origin" || origin.kind === "gone");
}

/** The columns and all they depend on, dependencies first. */
export function closure(columns: readonly SpaceColumn[]): readonly SpaceColumn[] {
  const seen = new Set<SpaceColumn>();
  const visit = (column: SpaceColumn): void => {
    if (seen.has(column)) return;
    if (column.origin.kind === "derived") for (const parent of column.origin.from) visit(parent);
    seen.add(column);
  };
  for (const column of columns) visit(column);
  return [...seen];
}
