import { DataFormatError } from "../../core/errors.ts";
import { formatDocument, parseConll } from "../../workloads/ie/conll.ts";
import { newsDocuments, newsVersion } from "../../workloads/ie/news.ts";
import { foldCount, recombine, recombinedCount } from "../../workloads/ie/recombine.ts";
import type { Dataset } from "./dataset.ts";
import { linesOf, scaledCount, scaledLines } from "./scaling.ts";

/** Generated documents at scale 1: about as many tokens as the original has. */
const documentsAtOne = 220;
const documentsAt = (scale: number): number => Math.max(foldCount, Math.round(documentsAtOne * scale));
const fileName = "wikigold.conll.txt";

/** Text with named entities: generated news, or Wikigold (or any file of its form and name). Rows are documents. */
export const ieDataset: Dataset = {
  id: "ie",
  title: "Text with tagged names (person, organisation, place, other), CoNLL form",
  files: [{ name: fileName, split: "train" }],
  generatorVersion: newsVersion,
  rowsAt: documentsAt,
  generate: ({ scale, seed }) => [{ name: fileName, chunks: newsDocuments({ documents: documentsAt(scale), seed }) }],
  check: checkConll,
  arms: {
    replicate({ text }, { scale }) {
      const blocks = blocksOf(text);
      return { rows: foldCount * scaledCount(blocks.length, scale), chunks: scaledLines(blocks, scale) };
    },
    recombine: ({ text }, { scale, seed }) => ({
      rows: recombinedCount(parseConll(text).length, scale),
      chunks: recombine(text, scale, seed),
    }),
  },
};

/**
 * Documents in groups of as many as there are folds, so that every copy of a document falls into the same fold; what is left
 * over at the end is dropped, unless it is all there is.
 */
function blocksOf(text: string): string[] {
  const documents = parseConll(text);
  const blocks: string[] = [];
  for (let i = 0; i + foldCount <= documents.length; i += foldCount)
    blocks.push(
      documents
        .slice(i, i + foldCount)
        .map(formatDocument)
        .join(""),
    );
  return blocks.length > 0 ? blocks : [documents.map(formatDocument).join("")];
}

function checkConll(file: string, text: string): { readonly rows: number } {
  for (const [i, raw] of linesOf(text).entries()) {
    const line = raw.trim();
    if (raw === "" || line.startsWith("-DOCSTART-")) continue;
    const fields = line.split(" ");
    if (fields.length < 2 || line !== raw || line.includes("\t"))
      throw new DataFormatError(
        { file, line: i + 1 },
        `is ${JSON.stringify(raw)}; expected a token, a space and its tag`,
      );
    const tag = fields.at(-1) ?? "";
    if (!/^(?:O|[IB]-.+)$/u.test(tag))
      throw new DataFormatError(
        { file, line: i + 1, field: "tag" },
        `is ${JSON.stringify(tag)}; expected O, I-TYPE or B-TYPE`,
      );
  }
  const rows = parseConll(text).length;
  if (rows === 0)
    throw new DataFormatError({ file }, "has no documents; expected lines of a token and its tag, as in Wikigold");
  return { rows };
}
