/**
 * A seeded generator of data with UCI Adult's schema: marginals and pairwise dependences of the original, a label that follows
 * from a logistic model fitted to it, capital gains and losses that follow from the label. Offline default at any scale.
 */
import { randomWeighted, type Rng, rngStream } from "../../core/rng.ts";
import * as marginals from "./marginals.ts";

/** Rows at scale 1, as in the original files. */
export const adultRows = { train: 32_561, test: 16_281 } as const;

/** Raised whenever the same seed gives other rows. */
export const censusGeneratorVersion = 1;

/** What part of the data to generate. */
export interface CensusPart {
  readonly split: "train" | "test";
  /** Rows, at least 0; a longer part begins with the rows of a shorter one. */
  readonly rows: number;
  readonly seed: number;
}

interface Choice {
  readonly values: readonly string[];
  readonly weights: readonly number[];
}

function parseChoice(text: string): Choice {
  const entries = text.split(", ").map((entry) => entry.split(" ") as [string, string]);
  return { values: entries.map(([value]) => value), weights: entries.map(([, weight]) => Number(weight)) };
}

function parseTable(table: Readonly<Record<string, string>>): ReadonlyMap<string, Choice> {
  return new Map(Object.entries(table).map(([key, text]) => [key, parseChoice(text)]));
}

const sexes = parseChoice(marginals.sexes);
const races = parseChoice(marginals.races);
const ages = parseTable(marginals.ages);
const countries = parseTable(marginals.countries);
const educations = parseTable(marginals.educations);
const maritals = parseTable(marginals.maritals);
const relationships = parseTable(marginals.relationships);
const occupations = parseTable(marginals.occupations);
const workclasses = parseTable(marginals.workclasses);
const hoursBands = parseTable(marginals.hours);
const capitalGains = parseTable(marginals.capitalGains);
const capitalLosses = parseTable(marginals.capitalLosses);

/** Education in ascending order of its number, 1 to 16. */
const educationOrder = (
  "Preschool 1st-4th 5th-6th 7th-8th 9th 10th 11th 12th HS-grad Some-college Assoc-voc Assoc-acdm Bachelors Masters " +
  "Prof-school Doctorate"
).split(" ");

/** Log-odds of an occupation, from the logistic model fitted to the original. */
const occupationLogit = parseTable({
  all:
    "? -0.27, Adm-clerical -0.02, Armed-Forces -0.38, Craft-repair 0.05, Exec-managerial 0.81, Farming-fishing -0.9, " +
    "Handlers-cleaners -0.66, Machine-op-inspct -0.33, Other-service -0.92, Priv-house-serv -1.55, Prof-specialty 0.55, " +
    "Protective-serv 0.45, Sales 0.33, Tech-support 0.61, Transport-moving -0.15",
}).get("all") as Choice;

const workLogit: ReadonlyMap<string, number> = new Map([
  ["Self-emp-inc", 0.3],
  ["Self-emp-not-inc", -0.39],
  ["Federal-gov", 0.42],
]);

/** The generated file in chunks of text, in the format of the original (comma and space, no header), made as they are asked for. */
export function* censusChunks(part: CensusPart, rowsPerChunk = 2_000): Generator<string> {
  const rng = rngStream(part.seed, `census/data/${part.split}`);
  const ending = part.split === "test" ? ".\n" : "\n";
  if (part.split === "test") yield "|generated\n";
  for (let done = 0; done < part.rows;) {
    let chunk = "";
    for (const end = Math.min(part.rows, done + rowsPerChunk); done < end; done++) chunk += person(rng) + ending;
    yield chunk;
  }
}

function draw(rng: Rng, choice: Choice | undefined): string {
  return choice === undefined ? "?" : (choice.values[randomWeighted(rng, choice.weights)] ?? "?");
}

/** A uniform integer of a band such as `35-39` or `40`; one draw in any case. */
function within(rng: Rng, band: string): number {
  const [low = "0", high = low] = band.split("-");
  return Number(low) + Math.floor(rng() * (Number(high) - Number(low) + 1));
}

function samplingWeight(rng: Rng): number {
  const quantiles = marginals.weightQuantiles;
  const steps = quantiles.length - 1;
  const at = rng() * steps;
  const step = Math.floor(at);
  const share = at - step;
  const low = quantiles[step] ?? 0;
  const high = quantiles[step + 1] ?? low;
  const skewed = step === steps - 1 ? share * share * share * share : share; // the last step is a long thin tail
  return low + Math.floor((high - low) * skewed);
}

function logit(fields: {
  readonly age: number;
  readonly educationNum: number;
  readonly isMarried: boolean;
  readonly isFemale: boolean;
  readonly hours: number;
  readonly occupation: string;
  readonly work: string;
}): number {
  const { age, educationNum, isMarried, isFemale, hours, occupation, work } = fields;
  const away = Math.min(age, 75) - 45;
  return (
    -2.38 +
    0.27 * (educationNum - 10) +
    (isMarried ? 1.8 : 0) +
    (isFemale ? -0.88 : 0) +
    (isMarried && isFemale ? 1.37 : 0) +
    0.037 * (Math.min(age, 60) - 38) -
    0.002 * away * away +
    0.034 * Math.max(-25, Math.min(25, hours - 40)) +
    (educationNum >= 13 ? 0.1 : 0) +
    (occupationLogit.weights[occupationLogit.values.indexOf(occupation)] ?? 0) +
    (workLogit.get(work) ?? 0)
  );
}

function person(rng: Rng): string {
  const sex = draw(rng, sexes);
  const race = draw(rng, races);
  const age = within(rng, draw(rng, ages.get(sex)));
  const country = draw(rng, countries.get(race));
  const education = draw(rng, educations.get(age < 20 ? "17-19" : age < 25 ? "20-24" : "25-90"));
  const educationNum = educationOrder.indexOf(education) + 1;
  const lifePhase = age < 25 ? "17-24" : age < 35 ? "25-34" : age < 45 ? "35-44" : age < 65 ? "45-64" : "65-90";
  const marital = draw(rng, maritals.get(`${sex} ${lifePhase}`));
  const isMarried = marital === "Married-civ-spouse" || marital === "Married-AF-spouse";
  const household = isMarried
    ? `married ${sex}`
    : marital === "Never-married"
      ? `never ${age < 25 ? "17-24" : "25-90"}`
      : "once";
  const relationship = draw(rng, relationships.get(household));
  const occupation = draw(rng, occupations.get(`${sex} ${levelOf(educationNum)}`));
  const work = draw(rng, workclasses.get(occupation));
  const workPhase = age < 20 ? "17-19" : age < 25 ? "20-24" : age < 65 ? "25-64" : "65-90";
  const hours = within(rng, draw(rng, hoursBands.get(`${sex} ${workPhase}`)));
  const z = logit({ age, educationNum, isMarried, isFemale: sex === "Female", hours, occupation, work });
  const income = rng() * (1 + Math.exp(-z)) < 1 ? ">50K" : "<=50K";
  const weight = samplingWeight(rng);
  const gain = draw(rng, capitalGains.get(income));
  const loss = draw(rng, capitalLosses.get(income));
  const lossIfNoGain = gain === "0" ? loss : "0"; // nobody has both
  const before = `${age}, ${work}, ${weight}, ${education}, ${educationNum}, ${marital}, ${occupation}, ${relationship}`;
  return `${before}, ${race}, ${sex}, ${gain}, ${lossIfNoGain}, ${hours}, ${country}, ${income}`;
}

function levelOf(educationNum: number): string {
  if (educationNum < 9) return "below HS";
  if (educationNum === 9) return "HS";
  if (educationNum < 13) return "some college";
  return educationNum === 13 ? "Bachelors" : "above";
}
