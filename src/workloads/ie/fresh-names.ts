/** Names that no list holds, made of syllables, so that a tagger cannot learn them by heart. */
import { randomInt, randomPick, type Rng } from "../../core/rng.ts";
import { familyNames, givenNames } from "./name-lists.ts";

const onsets = "b br c ch cl d dr f fr g gr h j k kl kr l m n p pr r s sh sl st t tr v w y z".split(" ");
const vowels = "a a a e e e i i o o u ae ai ea ei ia io ou".split(" ");
const codas = "b ck d g k l l ll m n n n nd ng nt r r rd rk rn s s st t th v x z".split(" ");
const givenEndings = "a a e el en i ia ias in is on us ya".split(" ");
const familyEndings =
  "berg by dal er feld gaard in ker kov land ley man mann ov quist sen shaw ski son stein ton ura well".split(" ");
const brandEndings = "co ex is on tech soft corp air".split(" ");
const placeEndings =
  "borough burg bury dale field ford grad ham haven holm mouth pol port stad ton vale ville wick".split(" ");

/** Endings that people, places and firms share: a word alone does not tell which it is. */
const sharedEndings = "berg bury dale field ford ham holm land ley man mar more ner ris son stone ton wood worth".split(
  " ",
);

/** The words of a comma-separated list. */
export function listed(text: string): readonly string[] {
  return text.split(", ");
}

/** Upper-case first letter. */
export function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function stem(rng: Rng, syllables: number): string {
  let word = "";
  for (let i = 0; i < syllables; i++) word += randomPick(rng, onsets) + randomPick(rng, vowels);
  return word + randomPick(rng, codas);
}

function freshWord(rng: Rng, endings: readonly string[]): string {
  const kind = rng();
  const ending = kind < 0.45 ? randomPick(rng, sharedEndings) : kind < 0.8 ? randomPick(rng, endings) : "";
  return capitalised(stem(rng, ending === "" ? 2 : randomInt(rng, 1, 2)) + ending);
}

/** A given name: a common one in three of five draws. */
export function freshGivenName(rng: Rng): string {
  if (rng() < 0.6) return capitalised(randomPick(rng, givenNames));
  return capitalised(stem(rng, 1) + (rng() < 0.8 ? randomPick(rng, givenEndings) : ""));
}

/** A family name: a common one in every fourth draw, now and then double or with a prefix. */
export function freshFamilyName(rng: Rng): string {
  const kind = rng();
  if (kind < 0.25) return capitalised(randomPick(rng, familyNames));
  const own = freshWord(rng, familyEndings);
  if (kind < 0.3) return `${own}-${capitalised(randomPick(rng, familyNames))}`;
  if (kind < 0.34) return `${rng() < 0.5 ? "Mc" : "O'"}${own}`;
  return own;
}

/** A town or region. */
export function freshPlaceName(rng: Rng): string {
  return freshWord(rng, placeEndings);
}

/** A made-up brand or firm. */
export function freshBrandName(rng: Rng): string {
  return freshWord(rng, brandEndings);
}
