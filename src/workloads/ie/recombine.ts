/** More text like a given one: its sentences in new documents, its people with fresh names. */
import { randomPick, type Rng, rngStream } from "../../core/rng.ts";
import { formatDocument, mentionsOf, parseConll, type TaggedSentence } from "./conll.ts";
import { freshFamilyName, freshGivenName } from "./fresh-names.ts";
import { givenNames } from "./name-lists.ts";

/** Raised whenever the same seed gives other text. */
export const recombineVersion = 1;

/** Documents with the same index modulo this share sentences and no others do, so that held-out documents stay unseen. */
export const foldCount = 5;

const knownGivenNames = new Set(givenNames);
const namePattern = /^\p{Lu}[\p{L}'’-]+$/u;

/** Number of documents {@link recombine} makes of a text with `documents` of them. */
export function recombinedCount(documents: number, scale: number): number {
  return documents === 0 ? 0 : Math.max(foldCount, Math.round(documents * scale));
}

/**
 * Makes documents of the sentences of `text`, one chunk each, in CoNLL form. Document j has as many sentences as some original
 * document with the same index modulo {@link foldCount} and takes them from such documents only. In every document each word of a
 * person's name (tag PER) stands for one fresh name; initials and particles stay. Document j does not depend on `scale`.
 *
 * @param text CoNLL form, at least one document
 */
export function* recombine(text: string, scale: number, seed: number): Generator<string> {
  const documents = parseConll(text);
  const folds = Array.from({ length: foldCount }, (_, fold) => {
    const own = documents.filter((_document, j) => j % foldCount === fold);
    return own.length > 0 ? own : documents;
  });
  const pools = folds.map((own) => own.flat());
  const count = recombinedCount(documents.length, scale);
  for (let j = 0; j < count; j++) {
    const rng = rngStream(seed, `ie/recombine/${j}`);
    const pool = pools[j % foldCount] ?? [];
    const { length } = randomPick(rng, folds[j % foldCount] ?? []);
    const fresh = new Map<string, string>();
    yield formatDocument(Array.from({ length }, () => renamed(randomPick(rng, pool), fresh, rng)));
  }
}

function renamed(sentence: TaggedSentence, fresh: Map<string, string>, rng: Rng): TaggedSentence {
  const tokens = [...sentence.tokens];
  for (const { from, to, type } of mentionsOf(sentence)) {
    if (type !== "PER") continue;
    for (let i = from; i < to; i++) tokens[i] = freshToken(tokens[i] ?? "", fresh, rng);
  }
  return { tokens, tags: sentence.tags };
}

function freshToken(token: string, fresh: Map<string, string>, rng: Rng): string {
  if (!namePattern.test(token)) return token;
  const known = fresh.get(token);
  if (known !== undefined) return known;
  const made = knownGivenNames.has(token.toLowerCase()) ? freshGivenName(rng) : freshFamilyName(rng);
  const name = token === token.toUpperCase() ? made.toUpperCase() : made;
  fresh.set(token, name);
  return name;
}
