/** Who and what a generated document is about. */
import { randomInt, randomPick, type Rng } from "../../core/rng.ts";
import { capitalised, freshBrandName, freshFamilyName, freshGivenName, freshPlaceName, listed } from "./fresh-names.ts";
import { familyNames } from "./name-lists.ts";

/** Words that stand for one thing, all with the same tag (`PER`, `ORG`, `LOC`, `MISC`). */
export interface Mention {
  readonly words: readonly string[];
  readonly type: string;
}

/** A person of a document; mentioned in full first, in short later. */
export interface Person {
  readonly full: Mention;
  readonly family: Mention;
  readonly given: Mention;
  /** Stands before the family name, untagged. */
  readonly title: string;
}

/** The people, organisations, places and other named things of one document. */
export interface Cast {
  readonly people: readonly Person[];
  readonly organisations: readonly Mention[];
  readonly places: readonly Mention[];
  readonly others: readonly Mention[];
}

const knownPlaces = listed(
  "London, Paris, Berlin, Tokyo, Madrid, Rome, Vienna, Oslo, Cairo, Moscow, Beijing, Delhi, New York, Los Angeles, Hong Kong, Chicago, Boston, Washington, Florence, Victoria, Jordan, France, Germany, Spain, Italy, Japan, China, India, Brazil, Mexico, Canada, Sweden, Peru",
);
const initials = "ABCDEFGHJKLMNPRSTW";

const mention = (type: string, text: string): Mention => ({ words: text.split(" "), type });

/** Adjectives of peoples, faiths and parties. */
export const nationalities: readonly Mention[] = listed(
  "British, French, German, Spanish, Italian, Japanese, Chinese, Indian, Brazilian, Mexican, Canadian, Swedish, American, Russian, Dutch, European, Asian, Catholic, Democratic",
).map((adjective) => mention("MISC", adjective));

const severalOf = <T>(rng: Rng, low: number, high: number, make: () => T): T[] =>
  Array.from({ length: randomInt(rng, low, high) }, make);

/** Draws the cast of one document. */
export function drawCast(rng: Rng): Cast {
  const places = severalOf(rng, 2, 4, () => mention("LOC", drawPlace(rng)));
  const placeName = (): string => randomPick(rng, places).words.join(" ");
  return {
    people: severalOf(rng, 2, 5, () => drawPerson(rng)),
    organisations: severalOf(rng, 2, 4, () => mention("ORG", drawOrganisation(rng, placeName))),
    places,
    others: severalOf(rng, 1, 3, () => mention("MISC", drawOther(rng, placeName))),
  };
}

function drawPerson(rng: Rng): Person {
  const given = freshGivenName(rng);
  const family = freshFamilyName(rng);
  const middle = rng() < 0.15 ? `${initials.charAt(randomInt(rng, 0, initials.length - 1))}. ` : "";
  const particle = rng() < 0.06 ? `${randomPick(rng, ["de", "von", "van der", "da", "al"])} ` : "";
  const suffix = rng() < 0.03 ? " Jr." : "";
  return {
    full: mention("PER", `${given} ${middle}${particle}${family}${suffix}`),
    family: mention("PER", family),
    given: mention("PER", given),
    title: randomPick(rng, [
      "Mr.",
      "Mrs.",
      "Ms.",
      "Dr.",
      "Professor",
      "Judge",
      "Captain",
      "Senator",
      "President",
      "Sir",
    ]),
  };
}

/** Family names serve as places too, so that a capitalised word alone says little. */
function drawPlace(rng: Rng): string {
  const kind = rng();
  if (kind < 0.35) return randomPick(rng, knownPlaces);
  if (kind < 0.45) return capitalised(randomPick(rng, familyNames));
  const own = freshPlaceName(rng);
  if (kind < 0.55) return `${randomPick(rng, ["New", "Port", "Lake", "North", "Mount"])} ${own}`;
  return kind < 0.6 ? `${own} ${randomPick(rng, ["River", "County", "Valley"])}` : own;
}

function drawOrganisation(rng: Rng, place: () => string): string {
  const kind = rng();
  if (kind < 0.3)
    return `${freshBrandName(rng)} ${randomPick(rng, ["Motors", "Bank", "Airlines", "Records", "Inc.", "Group", "Steel"])}`;
  if (kind < 0.42) return freshBrandName(rng);
  if (kind < 0.55)
    return `${place()} ${randomPick(rng, ["United", "City", "Rovers", "University", "Council", "Museum"])}`;
  if (kind < 0.65) return `University of ${place()}`;
  if (kind < 0.75) return `Ministry of ${randomPick(rng, ["Justice", "Health", "Culture", "Trade", "Defence"])}`;
  if (kind < 0.88)
    return `${freshFamilyName(rng)} ${randomPick(rng, ["& Sons", "Institute", "Foundation", "Partners", "Brothers"])}`;
  return Array.from({ length: randomInt(rng, 2, 4) }, () =>
    initials.charAt(randomInt(rng, 0, initials.length - 1)),
  ).join("");
}

function drawOther(rng: Rng, place: () => string): string {
  if (rng() < 0.6) return `${place()} ${randomPick(rng, ["Cup", "Prize", "Festival", "Treaty", "Marathon"])}`;
  return `${freshBrandName(rng)} ${randomPick(rng, ["Song", "Letters", "Affair", "Report", "Garden"])}`;
}
