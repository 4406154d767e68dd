import { expect, test } from "vitest";
import { formatDocument, mentionsOf, parseConll, type TaggedDocument } from "../../../src/workloads/ie/conll.ts";
import { newsDocuments } from "../../../src/workloads/ie/news.ts";
import { foldCount, recombine } from "../../../src/workloads/ie/recombine.ts";

const peopleOf = (document: TaggedDocument): string[] =>
  document.flatMap((sentence) =>
    mentionsOf(sentence)
      .filter(({ type }) => type === "PER")
      .map(({ from, to }) => sentence.tokens.slice(from, to).join(" ")),
  );

/** Sentences with their people blanked out: what a recombined sentence keeps of its origin. */
const skeleton = ({ tokens, tags }: TaggedDocument[number]): string =>
  tokens.map((token, i) => (tags[i] === "I-PER" ? "_" : token)).join(" ");

test("CoNLL text is read and written back as it was; empty documents and sentences are left out", () => {
  const text = "a O\nB I-PER\n\n\n-DOCSTART- O\n\n-DOCSTART- O\n\nc O\n";
  const documents = parseConll(text);
  expect(documents).toEqual([[{ tokens: ["a", "B"], tags: ["O", "I-PER"] }], [{ tokens: ["c"], tags: ["O"] }]]);
  expect(parseConll(documents.map(formatDocument).join(""))).toEqual(documents);
});

test("generated news are the same for a seed, start alike at any length, and differ between seeds", () => {
  const [long, short, other] = [
    [...newsDocuments({ documents: 12, seed: 3 })],
    [...newsDocuments({ documents: 5, seed: 3 })],
    [...newsDocuments({ documents: 5, seed: 4 })],
  ];
  expect(long.slice(0, 5)).toEqual(short);
  expect(other).not.toEqual(short);
});

test("generated news hold all four kinds of names, people in about every third sentence, most of them met nowhere else", () => {
  const documents = parseConll([...newsDocuments({ documents: 100, seed: 1 })].join(""));
  const sentences = documents.flat();
  const types = new Set(sentences.flatMap(({ tags }) => tags));
  expect([...types].sort()).toEqual(["I-LOC", "I-MISC", "I-ORG", "I-PER", "O"]);
  const people = documents.map(peopleOf);
  expect(people.flat().length / sentences.length).toBeGreaterThan(0.33);
  const heldOut = new Set(people.filter((_, doc) => doc % 5 === 0).flat());
  const trained = new Set(people.filter((_, doc) => doc % 5 !== 0).flat());
  const unseen = [...heldOut].filter((name) => !trained.has(name));
  expect(unseen.length / heldOut.size).toBeGreaterThan(0.5);
});

test("recombined documents take their sentences from documents of the same fold only, people renamed alike in a document", () => {
  const original = parseConll([...newsDocuments({ documents: 20, seed: 2 })].join(""));
  const text = original.map(formatDocument).join("");
  const known = original.map((document) => new Set(document.map(skeleton)));
  const made = parseConll([...recombine(text, 3, 7)].join(""));
  expect(made).toHaveLength(60);
  for (const [j, document] of made.entries())
    for (const sentence of document)
      expect(known.some((own, i) => i % foldCount === j % foldCount && own.has(skeleton(sentence)))).toBe(true);
  const names = new Set(original.flatMap(peopleOf));
  const kept = made.flatMap(peopleOf).filter((name) => names.has(name));
  expect(kept.length / made.flatMap(peopleOf).length).toBeLessThan(0.05);
  expect([...recombine(text, 1, 7)]).toEqual([...recombine(text, 3, 7)].slice(0, 20));
});
