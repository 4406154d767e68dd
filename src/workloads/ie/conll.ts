/** Labelled text in the CoNLL form: `token TAG` lines (words between the two are ignored), a blank line after a sentence, `-DOCSTART- O` between documents. */

/** A sentence: tokens and their tags, of equal length, at least one. */
export interface TaggedSentence {
  readonly tokens: readonly string[];
  readonly tags: readonly string[];
}

/** A document: its sentences, at least one. */
export type TaggedDocument = readonly TaggedSentence[];

const documentLine = "-DOCSTART- O";

/**
 * Documents of a text; empty ones are left out. O(length). The first word of a line is the token, the last one its tag; a
 * line of one word counts as `O`.
 */
export function parseConll(text: string): TaggedDocument[] {
  const documents: TaggedSentence[][] = [];
  let document: TaggedSentence[] = [];
  let tokens: string[] = [];
  let tags: string[] = [];
  const endSentence = (): void => {
    if (tokens.length > 0) document.push({ tokens, tags });
    tokens = [];
    tags = [];
  };
  const endDocument = (): void => {
    endSentence();
    if (document.length > 0) documents.push(document);
    document = [];
  };
  for (const line of text.split("\n")) {
    const trimmed = line.trim();
    if (trimmed === "") endSentence();
    else if (trimmed.startsWith("-DOCSTART-")) endDocument();
    else {
      const fields = trimmed.split(" ");
      tokens.push(fields[0] ?? "");
      tags.push(fields.length < 2 ? "O" : (fields.at(-1) ?? "O"));
    }
  }
  endDocument();
  return documents;
}

/** The text of one document, its `-DOCSTART-` line first. */
export function formatDocument(document: TaggedDocument): string {
  const lines = [documentLine];
  for (const { tokens, tags } of document) {
    for (const [i, token] of tokens.entries()) lines.push(`${token} ${tags[i] ?? "O"}`);
    lines.push("");
  }
  return `${lines.join("\n")}\n`;
}

/** Mentions of a sentence: maximal runs of tokens of one type (I- tags; a B- tag starts a new one). */
export function mentionsOf({
  tags,
}: TaggedSentence): { readonly from: number; readonly to: number; readonly type: string }[] {
  const mentions: { from: number; to: number; type: string }[] = [];
  for (const [i, tag] of tags.entries()) {
    if (tag === "O") continue;
    const type = tag.slice(2);
    const last = mentions.at(-1);
    if (last !== undefined && last.to === i && last.type === type && !tag.startsWith("B-")) last.to = i + 1;
    else mentions.push({ from: i, to: i + 1, type });
  }
  return mentions;
}
