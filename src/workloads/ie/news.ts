/** Generator of labelled news-like text of any length. */
import { randomInt, randomPick, type Rng, rngStream } from "../../core/rng.ts";
import { formatDocument, type TaggedSentence } from "./conll.ts";
import { listed } from "./fresh-names.ts";
import { type Cast, drawCast, type Mention, nationalities, type Person } from "./news-cast.ts";

/** Raised whenever the same seed gives other text. */
export const newsVersion = 1;

/**
 * Sentences with slots: {P} a person, {T} a person with title, {O} organisation, {L} place, {M} other name, {J} nationality, {X} any of the four, {N} number, {Y} year,
 * {D} day, {R} role, {V} what people say, {A} adverbial, {W} common noun.
 */
const templates = [
  "{P} , {R} of {O} , {V} on {D} that the {W} would reach {N} million by {Y} .",
  "{P} {V} the {W} was a matter for {O} .",
  "{A} , {P} and {P} met in {L} to discuss the {W} .",
  "{T} {V} he had not seen the {W} .",
  '{T} {V} : " We will defend the {W} in {L} . "',
  "The {R} , {P} , joined {O} in {Y} after {N} years at {O} .",
  "{O} named {P} as its new {R} on {D} .",
  "{O} {V} it would close its {W} in {L} with the loss of {N} jobs .",
  "Shares of {O} fell {N} per cent after the {W} .",
  "{P} was born in {L} in {Y} and studied at {O} .",
  "Born in {L} , {P} wrote {N} books about the {W} .",
  "{A} , the {J} {R} {P} beat {P} in {L} .",
  "{P} scored {N} points as {O} won the {M} .",
  "The {M} was won by {P} of {L} in {Y} .",
  "A spokesman for {O} {V} that talks with {T} had ended .",
  "Police in {L} {V} they were looking for {N} people .",
  "The {W} , founded by {P} in {Y} , is in {L} .",
  "According to {T} , the {W} cost {N} thousand .",
  "{P} ( born {Y} ) is a {J} {R} from {L} .",
  "The {W} of {L} lies {N} miles north of {L} .",
  "Analysts at {O} {V} the {W} had surprised {O} .",
  "{A} , the government of {L} signed the {M} .",
  "His brother , {P} , worked for {O} until {Y} .",
  "She married {P} in {L} on {D} .",
  '" {M} " was recorded by {P} and {P} for {O} .',
  "In {Y} the {W} moved from {L} to {L} .",
  "{T} , who lives in {L} , {V} nothing about the {W} .",
  "Neither {P} nor {O} could be reached on {D} .",
  "The case of {P} against {O} opens in {L} on {D} .",
  "Voters in {L} go to the polls on {D} , {V} {P} .",
  "{O} and {O} agreed on the {W} {A} .",
  "The {J} press reported that {P} had left {L} .",
  "{P} 's {W} was shown in {L} and {L} .",
  "Last year {O} paid {N} million for the {W} .",
  "Will {P} return to {O} ?",
  "They found the {W} near {L} {A} .",
  "Results : {P} {N} , {P} {N} , {P} {N} .",
  "The {W} is named after {P} , not after {O} .",
  "Many {J} families left {L} during the {W} .",
  '{R} {P} told {O} that " the {W} is over " .',
];

/** Sentences in which any name may stand. */
const openTemplates = [
  "{X} {V} the {W} had come too late .",
  "{X} and {X} agreed on the {W} .",
  "The {W} of {X} surprised {X} .",
  "{A} , {X} won against {X} by {N} to {N} .",
  "Critics of {X} pointed to {X} .",
  "{X} , {X} and {X} are named in the {W} .",
  "Without {X} there would be no {W} .",
  "It was {X} that made {X} famous .",
  "In {Y} {X} bought the {W} from {X} .",
  "For {X} the {W} began in {Y} .",
  "{X} ( {X} )",
];

const fillers: Readonly<Record<string, readonly string[]>> = {
  R: ["chairman", "director", "singer", "striker", "minister", "professor", "founder", "captain", "author", "pianist"],
  V: ["said", "told reporters", "argued", "announced", "insisted", "wrote", "added", "denied"],
  A: ["Earlier", "On Monday", "In a statement", "After the match", "Years later", "At first", "this week", "Meanwhile"],
  W: listed(
    "report, strike, album, season, election, bridge, market, war, trial, novel, budget, plant, concert, merger, harvest, flood, museum, railway, theory, campaign, exhibition",
  ),
  D: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
};

/** How much to generate. */
export interface NewsOptions {
  readonly documents: number;
  readonly seed: number;
}

/**
 * Documents in CoNLL form, one chunk each: 6 to 22 sentences about a cast of invented people, organisations and places, tagged
 * I-PER, I-ORG, I-LOC, I-MISC and O. Document j depends on the seed and j only, so a longer text starts with the shorter one.
 */
export function* newsDocuments({ documents, seed }: NewsOptions): Generator<string> {
  for (let j = 0; j < documents; j++) {
    const rng = rngStream(seed, `ie/news/${j}`);
    const cast = drawCast(rng);
    const introduced = new Set<Person>();
    const length = randomInt(rng, 6, 22);
    yield formatDocument(Array.from({ length }, () => sentence(rng, cast, introduced)));
  }
}

function sentence(rng: Rng, cast: Cast, introduced: Set<Person>): TaggedSentence {
  const tokens: string[] = [];
  const tags: string[] = [];
  const say = (text: string): void => {
    for (const word of text.split(" ")) {
      tokens.push(word);
      tags.push("O");
    }
  };
  const name = ({ words, type }: Mention): void => {
    for (const word of words) {
      tokens.push(word);
      tags.push(`I-${type}`);
    }
  };
  for (const part of randomPick(rng, rng() < 0.4 ? openTemplates : templates).split(" ")) {
    const slot = /^\{([A-Z])\}$/u.exec(part)?.[1];
    if (slot === undefined) say(part);
    else if (slot === "P") name(mentionOf(randomPick(rng, cast.people), introduced, rng));
    else if (slot === "T") {
      const person = randomPick(rng, cast.people);
      say(person.title);
      name(introduced.has(person) ? person.family : mentionOf(person, introduced, rng));
    } else if (slot === "O") name(randomPick(rng, cast.organisations));
    else if (slot === "L") name(randomPick(rng, cast.places));
    else if (slot === "M") name(randomPick(rng, cast.others));
    else if (slot === "X") name(anyMention(rng, cast, introduced));
    else if (slot === "J") name(randomPick(rng, nationalities));
    else if (slot === "N") say(String(randomInt(rng, 2, 950)));
    else if (slot === "Y") say(String(randomInt(rng, 1840, 2019)));
    else say(randomPick(rng, fillers[slot] ?? [part]));
  }
  const [first = ""] = tokens;
  tokens[0] = first.charAt(0).toUpperCase() + first.slice(1);
  return { tokens, tags };
}

function anyMention(rng: Rng, cast: Cast, introduced: Set<Person>): Mention {
  const kind = rng();
  if (kind < 0.4) return mentionOf(randomPick(rng, cast.people), introduced, rng);
  if (kind < 0.65) return randomPick(rng, cast.organisations);
  return randomPick(rng, kind < 0.9 ? cast.places : cast.others);
}

/** In full at first, then mostly by family name, now and then by given name. */
function mentionOf(person: Person, introduced: Set<Person>, rng: Rng): Mention {
  const kind = rng();
  if (!introduced.has(person)) {
    introduced.add(person);
    return person.full;
  }
  if (kind < 0.55) return person.family;
  return kind < 0.7 ? person.given : person.full;
}
