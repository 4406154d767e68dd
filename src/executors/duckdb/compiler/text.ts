/**
 * Text: documents, sentences and tokens as relations, features of tokens as columns. Rows stay in the order of the text, so that
 * a window is a look at the neighbouring row: streaming windows without partition or order, cut where the sentence changes.
 */
import { WorkflowError } from "../../../core/errors.ts";
import type { ScanOp, SourceFile, TextOp, WindowOp } from "../../../core/operators.ts";
import {
  columnOf,
  keyOf,
  type LocalRelation,
  type OperatorCompiler,
  type OperatorContext,
  valueOf,
} from "./registry.ts";
import type { ColumnShape } from "./shape.ts";
import { ident, text } from "./sql.ts";
import type { Steps } from "./steps.ts";

const newline = "chr(10)";
const docKey: ColumnShape = { name: "doc", type: "integer", sqlType: "INTEGER" };
const sentenceKey: ColumnShape = { name: "sentence", type: "integer", sqlType: "INTEGER" };
const textColumn: ColumnShape = { name: "text", type: "text", sqlType: "VARCHAR" };
const tokenColumns: readonly ColumnShape[] = [
  { name: "token", type: "text", sqlType: "VARCHAR" },
  { name: "tag", type: "text", sqlType: "VARCHAR" },
];

/** Numbers the rows of a query from 0, in their order. */
const counter = "CAST(row_number() OVER () - 1 AS INTEGER)";

/** `scan` of formats `documents` and `conll`: files read whole, cut at their `-DOCSTART-` lines. */
export function* compileTextScan(
  op: ScanOp,
  context: OperatorContext,
  files: readonly SourceFile[],
  split: ColumnShape,
): Steps<LocalRelation> {
  const { columns } = op;
  const known = op.format === "documents" ? [textColumn] : tokenColumns;
  const unknown = columns.find(({ name, type }) => type !== "text" || known.every((column) => column.name !== name));
  if (unknown !== undefined)
    throw new WorkflowError(
      `duckdb: node "${context.node.id}" asks for column "${unknown.name}" (${unknown.type}); format ${op.format} has ${known.map(({ name }) => name).join(", ")} (text)`,
    );
  const parts = files.map(
    (file) =>
      `SELECT ${text(file.split)} AS "split", unnest(string_split(${newline} || replace(content, chr(13), ''), ${newline} || '-DOCSTART-')) AS part FROM read_text(${text(file.path)})`,
  );
  // What stands before a part's first line end belongs to the -DOCSTART- line (or is empty, before the first one).
  const trimmed = `SELECT "split", trim(substring(part, instr(part, ${newline}) + 1), ${newline}) AS "text" FROM (${parts.join(" UNION ALL ")})`;
  const numbered = `SELECT "split", ${counter} AS "doc", "text" FROM (${trimmed}) WHERE "text" <> ''`;
  const documents = `SELECT CAST(${splitOf(op)} AS ${split.sqlType}) AS "split", "doc", "text" FROM (${numbered})`;
  if (op.format === "documents") return yield* context.newSpace(documents, [split, docKey], [textColumn]);
  const sentences = sentencesOf(documents, ['"split"', '"doc"']);
  return yield* context.newSpace(
    tokensOf(sentences, ['"split"', '"doc"', '"sentence"']),
    [split, docKey, sentenceKey],
    columns.map(({ name }) => known.find((column) => column.name === name) ?? textColumn),
  );
}

function splitOf({ holdOut }: ScanOp): string {
  if (holdOut === undefined) return '"split"';
  const { every, at } = holdOut;
  if (!(Number.isInteger(every) && every > 0 && Number.isInteger(at) && at >= 0 && at < every))
    throw new WorkflowError(`duckdb: holdOut is ${at} of ${every}; expected whole numbers, 0 ≤ at < every`);
  return `CASE WHEN "doc" % ${every} = ${at} THEN 'test' ELSE "split" END`;
}

function sentencesOf(documents: string, keys: readonly string[]): string {
  const parts = `SELECT ${keys.join(", ")}, unnest(string_split("text", ${newline} || ${newline})) AS "text" FROM (${documents})`;
  const whole = `SELECT ${keys.join(", ")}, trim("text", ${newline}) AS "text" FROM (${parts})`;
  return `SELECT ${keys.join(", ")}, ${counter} AS "sentence", "text" FROM (${whole}) WHERE "text" <> ''`;
}

function tokensOf(sentences: string, keys: readonly string[]): string {
  const lines = `SELECT ${keys.join(", ")}, unnest(string_split("text", ${newline})) AS line FROM (${sentences})`;
  return `SELECT ${keys.join(", ")}, split_part(line, ' ', 1) AS "token", split_part(line, ' ', -1) AS "tag" FROM (${lines}) WHERE line <> ''`;
}

/** `text`: a feature of a token, or new rows (`sentences`, `tokens`). */
export const compileText: OperatorCompiler<TextOp> = function* (op, context) {
  if (op.fn === "sentences" || op.fn === "tokens") return yield* explode(op.fn, context);
  const value = valueOf(context, 0);
  const token = value.shape.type === "text" ? value.at.alias : `CAST(${value.at.alias} AS VARCHAR)`;
  const { expr, weight, isDear = false, isFlag = false } = featureOf(op, token, context.node.id);
  const shape: ColumnShape = isFlag
    ? { name: "value", type: "integer", sqlType: "UTINYINT", role: "categorical", levels: 1 }
    : { name: "value", type: "text", sqlType: "VARCHAR", role: "categorical" };
  return context.addColumns(context.relation(0), [{ shape, expr, from: [value.at], isDear, weight }]);
};

interface TextFeature {
  readonly expr: string;
  /** About nanoseconds a token. */
  readonly weight: number;
  readonly isDear?: boolean;
  /** Code 0 or null. */
  readonly isFlag?: boolean;
}

function featureOf(op: TextOp, token: string, id: string): TextFeature {
  const flag = (condition: string, weight: number): TextFeature => ({
    expr: `CASE WHEN ${condition} THEN CAST(0 AS UTINYINT) END`,
    weight,
    isDear: true,
    isFlag: true,
  });
  switch (op.fn) {
    case "lower":
      return { expr: `lower(${token})`, weight: 50 };
    case "shape":
      return {
        expr: replaced(token, [
          ["[A-Z]", "X"],
          ["[a-z]", "x"],
          ["[0-9]", "0"],
        ]),
        weight: 700,
        isDear: true,
      };
    case "shape-short":
      return {
        expr: replaced(token, [
          ["[A-Z]+", "X"],
          ["[a-z]+", "x"],
          ["[0-9]+", "0"],
        ]),
        weight: 400,
        isDear: true,
      };
    case "prefix":
    case "suffix": {
      const { length = 0 } = op;
      if (!(Number.isInteger(length) && length > 0))
        throw new WorkflowError(
          `duckdb: node "${id}" takes a ${op.fn} of length ${length}; expected a whole number above 0`,
        );
      return {
        expr: `CASE WHEN length(${token}) >= ${length} THEN ${op.fn === "prefix" ? "left" : "right"}(${token}, ${length}) END`,
        weight: 75,
      };
    }
    case "is-title":
      return flag(`regexp_full_match(${token}, '[A-Z][a-z]+')`, 50);
    case "has-digit":
      return flag(`regexp_matches(${token}, '[0-9]')`, 75);
    case "gazetteer": {
      const words = [...new Set((op.words ?? []).map((word) => word.toLowerCase()))];
      if (words.length === 0)
        throw new WorkflowError(`duckdb: node "${id}" has an empty gazetteer; expected at least one word in "words"`);
      // A constant enumeration is a hash table that keeps rows in place; a join or a long IN list would not promise their order.
      return flag(`TRY_CAST(lower(${token}) AS ENUM(${words.map(text).join(", ")})) IS NOT NULL`, 150);
    }
    case "sentences":
    case "tokens":
      break;
  }
  throw new Error(`text function ${op.fn} makes rows, not a feature`);
}

function replaced(value: string, steps: readonly (readonly [pattern: string, by: string])[]): string {
  return steps.reduce((expr, [pattern, by]) => `regexp_replace(${expr}, '${pattern}', '${by}', 'g')`, value);
}

function* explode(fn: "sentences" | "tokens", context: OperatorContext): Steps<LocalRelation> {
  const relation = context.relation(0);
  const read = [...relation.keys, columnOf(context, relation, "text")];
  yield* context.settle(relation.space, read, { tables: context.outlives(0) });
  const rows = yield* context.select(relation.space, read);
  const keys = relation.keys.map(({ shape }) => shape);
  const names = keys.map(({ name }) => ident(name));
  if (fn === "tokens") return yield* context.newSpace(tokensOf(rows, names), keys, tokenColumns);
  return yield* context.newSpace(sentencesOf(rows, names), [...keys, sentenceKey], [textColumn]);
}

/** `window`: the neighbouring row's value if it belongs to the same sentence. */
export const compileWindow: OperatorCompiler<WindowOp> = (op, context) => {
  const relation = context.relation(0);
  const value = valueOf(context, 0);
  const sentence = keyOf(context, relation, "sentence");
  if (!Number.isInteger(op.offset) || op.offset === 0)
    throw new WorkflowError(
      `duckdb: node "${context.node.id}" looks ${op.offset} tokens away; expected a whole number other than 0`,
    );
  const look = (what: string): string => `${op.offset < 0 ? "lag" : "lead"}(${what}, ${Math.abs(op.offset)}) OVER ()`;
  const expr = `CASE WHEN ${look(sentence.at.alias)} = ${sentence.at.alias} THEN ${look(value.at.alias)} END`;
  return context.addColumns(relation, [
    { shape: { ...value.shape, name: "value" }, expr, from: [value.at, sentence.at], isDear: true, weight: 40 },
  ]);
};
