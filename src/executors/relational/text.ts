/**
 * Text: documents, sentences and tokens as relations, features of tokens as columns. Rows stay in the order of the text, so that
 * a window is a look at the neighbouring row: streaming windows without partition or order, cut where the sentence changes.
 */
import { WorkflowError } from "../../core/errors.ts";
import type { ScanOp, SourceFile, TextOp, WindowOp } from "../../core/operators.ts";
import {
  columnOf,
  keyOf,
  type LocalRelation,
  type OperatorCompiler,
  type OperatorContext,
  valueOf,
} from "./registry.ts";
import type { ColumnShape } from "./shape.ts";
import type { Dialect } from "./dialect.ts";
import { ident } from "./sql.ts";
import type { Steps } from "./steps.ts";

const docKey: ColumnShape = { name: "doc", type: "integer", sqlType: "INTEGER" };
const sentenceKey: ColumnShape = { name: "sentence", type: "integer", sqlType: "INTEGER" };

function textColumns({ textType }: Dialect, ...names: readonly string[]): readonly ColumnShape[] {
  return names.map((name) => ({ name, type: "text", sqlType: textType }));
}

/** `scan` of formats `documents` and `conll`: files read whole, cut at their `-DOCSTART-` lines. */
export function* compileTextScan(
  op: ScanOp,
  context: OperatorContext,
  files: readonly SourceFile[],
  split: ColumnShape,
): Steps<LocalRelation> {
  const { columns } = op;
  const { dialect } = context;
  const known = op.format === "documents" ? textColumns(dialect, "text") : textColumns(dialect, "token", "tag");
  const unknown = columns.find(({ name, type }) => type !== "text" || known.every((column) => column.name !== name));
  if (unknown !== undefined)
    throw new WorkflowError(
      `${context.dialect.engine}: node "${context.node.id}" asks for column "${unknown.name}" (${unknown.type}); format ${op.format} has ${known.map(({ name }) => name).join(", ")} (text)`,
    );
  const rid = dialect.hasRowColumn ? ", rid" : "";
  const documents = `SELECT CAST(${splitOf(op, dialect)} AS ${split.sqlType}) AS "split", "doc", "text"${rid} FROM (${dialect.readDocuments(files)})`;
  if (op.format === "documents") return yield* context.newSpace(documents, [split, docKey], known);
  const sentences = dialect.sentencesOf(documents, ['"split"', '"doc"']);
  return yield* context.newSpace(
    dialect.tokensOf(sentences, ['"split"', '"doc"', '"sentence"']),
    [split, docKey, sentenceKey],
    columns.flatMap(({ name }) => known.filter((column) => column.name === name)),
  );
}

function splitOf({ holdOut }: ScanOp, { engine }: Dialect): string {
  if (holdOut === undefined) return '"split"';
  const { every, at } = holdOut;
  if (!(Number.isInteger(every) && every > 0 && Number.isInteger(at) && at >= 0 && at < every))
    throw new WorkflowError(`${engine}: holdOut is ${at} of ${every}; expected whole numbers, 0 ≤ at < every`);
  return `CASE WHEN "doc" % ${every} = ${at} THEN 'test' ELSE "split" END`;
}

/** `text`: a feature of a token, or new rows (`sentences`, `tokens`). */
export const compileText: OperatorCompiler<TextOp> = function* (op, context) {
  if (op.fn === "sentences" || op.fn === "tokens") return yield* explode(op.fn, context);
  const value = valueOf(context, 0);
  const token = value.shape.type === "text" ? value.at.alias : `CAST(${value.at.alias} AS ${context.dialect.textType})`;
  const { expr, weight, isDear = false, isFlag = false } = featureOf(op, token, context);
  const shape: ColumnShape = isFlag
    ? { name: "value", type: "integer", sqlType: context.dialect.flagType, role: "categorical", levels: 1 }
    : { name: "value", type: "text", sqlType: context.dialect.textType, role: "categorical" };
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

function featureOf(op: TextOp, token: string, { dialect, node: { id } }: OperatorContext): TextFeature {
  const flag = (condition: string, weight: number): TextFeature => ({
    expr: `CASE WHEN ${condition} THEN CAST(0 AS ${dialect.flagType}) END`,
    weight,
    isDear: true,
    isFlag: true,
  });
  switch (op.fn) {
    case "lower":
      return { expr: `lower(${token})`, weight: 50 };
    case "shape":
      return {
        expr: replaced(dialect, token, [
          ["[A-Z]", "X"],
          ["[a-z]", "x"],
          ["[0-9]", "0"],
        ]),
        weight: 700,
        isDear: true,
      };
    case "shape-short":
      return {
        expr: replaced(dialect, token, [
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
          `${dialect.engine}: node "${id}" takes a ${op.fn} of length ${length}; expected a whole number above 0`,
        );
      return {
        expr: `CASE WHEN length(${token}) >= ${length} THEN ${op.fn === "prefix" ? "left" : "right"}(${token}, ${length}) END`,
        weight: 75,
      };
    }
    case "is-title":
      return flag(dialect.isFullMatch(token, "[A-Z][a-z]+"), 50);
    case "has-digit":
      return flag(dialect.hasMatch(token, "[0-9]"), 75);
    case "gazetteer": {
      const words = [...new Set((op.words ?? []).map((word) => word.toLowerCase()))];
      if (words.length === 0)
        throw new WorkflowError(
          `${dialect.engine}: node "${id}" has an empty gazetteer; expected at least one word in "words"`,
        );
      return flag(dialect.isOneOf(`lower(${token})`, words), 150);
    }
    case "sentences":
    case "tokens":
      break;
  }
  throw new Error(`text function ${op.fn} makes rows, not a feature`);
}

function replaced(dialect: Dialect, value: string, steps: readonly (readonly [pattern: string, by: string])[]): string {
  return steps.reduce((expr, [pattern, by]) => dialect.replaceAll(expr, pattern, by), value);
}

function* explode(fn: "sentences" | "tokens", context: OperatorContext): Steps<LocalRelation> {
  const relation = context.relation(0);
  const read = [...relation.keys, columnOf(context, relation, "text")];
  yield* context.settle(relation.space, read, { tables: context.outlives(0) });
  const rows = yield* context.select(relation.space, read);
  const keys = relation.keys.map(({ shape }) => shape);
  const names = keys.map(({ name }) => ident(name));
  if (fn === "tokens")
    return yield* context.newSpace(
      context.dialect.tokensOf(rows, names),
      keys,
      textColumns(context.dialect, "token", "tag"),
    );
  return yield* context.newSpace(
    context.dialect.sentencesOf(rows, names),
    [...keys, sentenceKey],
    textColumns(context.dialect, "text"),
  );
}

/** `window`: the neighbouring row's value if it belongs to the same sentence. */
export const compileWindow: OperatorCompiler<WindowOp> = (op, context) => {
  const relation = context.relation(0);
  const value = valueOf(context, 0);
  const sentence = keyOf(context, relation, "sentence");
  if (!Number.isInteger(op.offset) || op.offset === 0)
    throw new WorkflowError(
      `${context.dialect.engine}: node "${context.node.id}" looks ${op.offset} tokens away; expected a whole number other than 0`,
    );
  const expr = context.dialect.neighbour(value.at.alias, op.offset, sentence.at.alias);
  return context.addColumns(relation, [
    { shape: { ...value.shape, name: "value" }, expr, from: [value.at, sentence.at], isDear: true, weight: 40 },
  ]);
};
