/** Tag labels (`O`, `I-PER`, `B-PER` …) ↔ small integers, and mentions as spans. */
import { WorkflowError } from "../../core/errors.ts";

/** How mentions are written as tags: `io` = one tag per type, `bio` = the first token of a mention has its own. */
export type TagEncoding = "io" | "bio";

/** The tags of a model: tag 0 is `O`. */
export interface TagSet {
  readonly encoding: TagEncoding;
  /** Mention types, sorted by code point. */
  readonly types: readonly string[];
  /** Label of each tag id. */
  readonly labels: readonly string[];
}

/** A mention: tokens start … end−1 of the token relation. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly type: string;
}

/** Splits a label into prefix and type; `O`, null and empty give type "". */
export function typeOfLabel(label: string | null): { readonly begins: boolean; readonly type: string } {
  if (label === null || label === "" || label === "O") return { begins: false, type: "" };
  if (label.startsWith("I-")) return { begins: false, type: label.slice(2) };
  if (label.startsWith("B-")) return { begins: true, type: label.slice(2) };
  throw new WorkflowError(`tag "${label}": unknown form; expected O, I-TYPE or B-TYPE; convert the data's tags`);
}

/** The tags needed for `labels`, whatever their order. @throws {WorkflowError} on an unknown form or more than 255 tags */
export function tagSetOf(labels: Iterable<string | null>, encoding: TagEncoding): TagSet {
  const seen = new Set<string>();
  for (const label of labels) {
    const { type } = typeOfLabel(label);
    if (type !== "") seen.add(type);
  }
  const types = [...seen].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const all = ["O"];
  for (const type of types) {
    if (encoding === "bio") all.push(`B-${type}`);
    all.push(`I-${type}`);
  }
  if (all.length > 255)
    throw new WorkflowError(`tags: ${types.length} mention types need ${all.length} tags; at most 255 are supported`);
  return { encoding, types, labels: all };
}

/**
 * Tag ids of labels, sequence by sequence; shape (tokens). A mention starts at `B-`, or at an `I-` whose token before has
 * another type or none. Types that `tags` does not know become `O`. O(tokens).
 */
export function encodeTags(labels: readonly (string | null)[], sequenceOffsets: Int32Array, tags: TagSet): Uint8Array {
  const typeIds = new Map(tags.types.map((type, i) => [type, i]));
  const ids = new Uint8Array(labels.length);
  for (let s = 0; s + 1 < sequenceOffsets.length; s++) {
    let before = "";
    for (let t = sequenceOffsets[s]!; t < sequenceOffsets[s + 1]!; t++) {
      const { begins, type } = typeOfLabel(labels[t] ?? null);
      const id = typeIds.get(type);
      if (id !== undefined) {
        const isFirst = begins || type !== before;
        ids[t] = tags.encoding === "io" ? 1 + id : 1 + 2 * id + (isFirst ? 0 : 1);
      }
      before = type;
    }
  }
  return ids;
}

/** Labels of tag ids. */
export function decodeTags(ids: Uint8Array, tags: TagSet): string[] {
  return Array.from(ids, (id) => tags.labels[id] ?? "O");
}

/**
 * Mentions in labelled tokens, ascending by start. A mention starts at `B-`, or at an `I-` whose token before (in the same
 * sequence) has another type or none, so that inconsistent tag sequences have a meaning too. O(tokens).
 */
export function spansOf(labels: readonly (string | null)[], sequenceOffsets: Int32Array): Span[] {
  const spans: Span[] = [];
  for (let s = 0; s + 1 < sequenceOffsets.length; s++) {
    const last = sequenceOffsets[s + 1]!;
    let start = -1;
    let open = "";
    for (let t = sequenceOffsets[s]!; t < last; t++) {
      const { begins, type } = typeOfLabel(labels[t] ?? null);
      if (open !== "" && (begins || type !== open)) {
        spans.push({ start, end: t, type: open });
        open = "";
      }
      if (type !== "" && open === "") {
        start = t;
        open = type;
      }
    }
    if (open !== "") spans.push({ start, end: last, type: open });
  }
  return spans;
}
