import type { ColumnSpec, ScalarType } from "../../core/operators.ts";
import { double } from "./sql.ts";

/** A SELECT whose rows have an order, in parts. */
export interface OrderedSelect {
  readonly items: readonly string[];
  /** What follows FROM: items, joins, conditions, groups. */
  readonly from: string;
  /** Expressions that order the rows, with direction and place of nulls; none: a single row. */
  readonly order: readonly string[];
}

/**
 * How an engine writes what engines write differently: pure text, so that SQL is tested without an engine.
 *
 * Engines keep the order of rows in one of two ways. Without {@link Dialect.hasRowColumn} a table's rows have an order that
 * every statement keeps, and tables of one space meet by position. With it every relation carries a column `rid`, 0 … n−1 in
 * that order, beside its own; tables meet on it, and every SELECT of the compiler hands it on as its last column.
 */
export interface Dialect {
  /** The engine's id; begins error messages. */
  readonly engine: string;
  readonly hasRowColumn: boolean;
  readonly textType: string;
  /** Type of a code 0 … 255. */
  readonly flagType: string;
  /** Integers of about 38 digits, for exact sums. */
  readonly wideType: string;
  typeOf(type: ScalarType): string;
  /** Smallest type that holds codes 0 … levels−1. */
  codeType(levels: number): string;
  /** Type of the column `split`. */
  splitType(splits: readonly string[]): string;
  /** Bytes a value takes in the engine's memory, about. */
  widthBytes(sqlType: string): number;
  /** A text literal. */
  text(value: string): string;
  /** Element `index` (an expression, from 0) of constant doubles. */
  itemOf(values: Iterable<number>, index: string): string;
  /** The statement that makes a table of a SELECT. */
  createTable(table: string, select: string): string;
  /** FROM item of tables of one space, rows side by side. */
  sideBySide(tables: readonly string[]): string;
  /** The row number of a table in {@link Dialect.sideBySide}. */
  rowNumber(table: string): string;
  /** A SELECT whose rows are in order, and numbered anew where rows carry numbers. */
  inOrder(select: OrderedSelect): string;
  /** Number of rows for which a condition holds. */
  countIf(condition: string): string;
  /** Sum (or sample deviation) of doubles in the order of `rid`. */
  sumInOrder(value: string): string;
  deviationInOrder(value: string): string;
  /** Text without an ending, if it has it. */
  withoutEnding(value: string, ending: string): string;
  /** The first eight hexadecimal digits of a text's md5, modulo `buckets`. */
  bucketOf(value: string, buckets: number): string;
  /** All matches replaced; patterns hold plain classes, repetitions and no backslash. */
  replaceAll(value: string, pattern: string, by: string): string;
  isFullMatch(value: string, pattern: string): string;
  hasMatch(value: string, pattern: string): string;
  /** True (else false or null) if a text is one of many words. */
  isOneOf(value: string, words: readonly string[]): string;
  /** The value `offset` rows further on, null if that row is of another sentence; both columns are named by their aliases. */
  neighbour(value: string, offset: number, sentence: string): string;
  /** SELECT of one CSV file: `split` and the columns, typed; bad lines end the statement. */
  readCsv(
    file: { readonly path: string; readonly split: string },
    columns: readonly ColumnSpec[],
    splitType: string,
  ): string;
  /** The rows of several SELECTs, in their order. */
  unite(parts: readonly string[]): string;
  /** SELECT of "split", "doc", "text" from files cut at their `-DOCSTART-` lines, documents numbered, empty ones left out. */
  readDocuments(files: readonly { readonly path: string; readonly split: string }[]): string;
  /** SELECT of the keys, "sentence" and "text" from one of documents; `keys` are quoted. */
  sentencesOf(documents: string, keys: readonly string[]): string;
  /** SELECT of the keys, "token" and "tag" from one of sentences. */
  tokensOf(sentences: string, keys: readonly string[]): string;
  /** SELECT of split, doc, sentence, start, end, gold, predicted from tagged tokens; codes of −1 occur nowhere. */
  spansOf(rows: string, codes: { readonly first: number; readonly inner: number }): string;
  /** SELECT of counts of wrong spans: all, missed, invented, meeting another. */
  spanErrors(spans: string): string;
}

/** Items of a SELECT that is read in the order of rows. */
export function withRid(dialect: Dialect, items: string): string {
  return dialect.hasRowColumn ? `${items}, rid` : items;
}

/** A constant of any plain type. */
export function constant(dialect: Dialect, value: string | number): string {
  if (typeof value === "string") return dialect.text(value);
  return Number.isSafeInteger(value) ? String(value) : double(value);
}
