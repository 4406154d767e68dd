/** The features of an IE version without an engine: an independent reading of the same operators, row by row. */
import type { IterationNode } from "../../src/core/iteration.ts";
import type { TextOp } from "../../src/core/operators.ts";
import {
  hasDigit,
  isTitle,
  prefixOf,
  shortShape,
  suffixOf,
  wordShape,
} from "../../src/executors/learners/features-text.ts";
import type { TaggedDocument } from "../../src/workloads/ie/conll.ts";

/** One value per token; null = no feature. */
export type TextColumn = readonly (string | null)[];

/** Documents as columns. */
export interface TokenTable {
  readonly tokens: readonly string[];
  readonly tags: readonly string[];
  /** First token of each sentence, last entry the number of tokens. */
  readonly sentenceOffsets: Int32Array;
  /** Document and sentence of each token. */
  readonly docs: Int32Array;
  readonly sentences: Int32Array;
}

/** Lays documents out token by token. */
export function tokenTable(documents: readonly TaggedDocument[]): TokenTable {
  const tokens: string[] = [];
  const tags: string[] = [];
  const docs: number[] = [];
  const sentences: number[] = [];
  const offsets = [0];
  for (const [doc, document] of documents.entries())
    for (const sentence of document) {
      for (const [i, token] of sentence.tokens.entries()) {
        tokens.push(token);
        tags.push(sentence.tags[i] ?? "O");
        docs.push(doc);
        sentences.push(offsets.length - 1);
      }
      offsets.push(tokens.length);
    }
  return {
    tokens,
    tags,
    sentenceOffsets: Int32Array.from(offsets),
    docs: Int32Array.from(docs),
    sentences: Int32Array.from(sentences),
  };
}

/** Values of every feature node of a version, by id. */
export function featureColumns(nodes: readonly IterationNode[], table: TokenTable): ReadonlyMap<string, TextColumn> {
  const columns = new Map<string, TextColumn>();
  for (const { id, operator, parents } of nodes) {
    const inputs = parents.map((parent) => columns.get(parent) ?? []);
    const [input = []] = inputs;
    if (operator?.op === "field") columns.set(id, operator.column === "tag" ? table.tags : table.tokens);
    else if (operator?.op === "window")
      columns.set(
        id,
        input.map((_, t) => lookedUp(input, table, t, operator.offset)),
      );
    else if (operator?.op === "interaction")
      columns.set(
        id,
        input.map((_, t) => {
          const values = inputs.map((column) => column[t] ?? null);
          return values.includes(null) ? null : values.join("\u001f");
        }),
      );
    else if (operator?.op === "text" && operator.fn !== "sentences" && operator.fn !== "tokens") {
      const words = new Set(operator.words);
      columns.set(
        id,
        input.map((value) => (value === null ? null : featureOf(operator, value, words))),
      );
    }
  }
  return columns;
}

function lookedUp(column: TextColumn, { sentences }: TokenTable, t: number, offset: number): string | null {
  return sentences[t + offset] === sentences[t] ? (column[t + offset] ?? null) : null;
}

function featureOf({ fn, length = 0 }: TextOp, value: string, words: ReadonlySet<string>): string | null {
  const flag = (holds: boolean): string | null => (holds ? "0" : null);
  switch (fn) {
    case "lower":
      return value.toLowerCase();
    case "shape":
      return wordShape(value);
    case "shape-short":
      return shortShape(value);
    case "prefix":
      return prefixOf(value, length);
    case "suffix":
      return suffixOf(value, length);
    case "is-title":
      return flag(isTitle(value));
    case "has-digit":
      return flag(hasDigit(value));
    case "gazetteer":
      return flag(words.has(value.toLowerCase()));
    case "sentences":
    case "tokens":
      break;
  }
  throw new Error(`${fn} is no feature`);
}
