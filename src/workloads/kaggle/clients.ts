/** Clients of the generated bank, and their applications: everything else of a client follows from who they are. */
import { type Rng, rngStream } from "../../core/rng.ts";
import {
  between,
  type Cell,
  choiceOf,
  countAround,
  flag,
  logistic,
  money,
  normal,
  orNull,
  pick,
  rounded,
} from "./draws.ts";
import { documentFlags, flatColumns } from "./tables.ts";

/** What tables agree on about a client. */
export interface Client {
  /** Place among the clients, from 0. */
  readonly index: number;
  readonly id: number;
  /** How likely trouble is, about normal. */
  readonly risk: number;
  readonly ageDays: number;
  readonly income: number;
  /** Has a history at credit bureaus, with this bank. */
  readonly hasBureau: boolean;
  readonly hasPrevious: boolean;
}

/** Client number `index`; the same for every table and scale. */
export function clientOf(seed: number, index: number): Client {
  const rng = rngStream(seed, `home-credit/client/${index}`);
  const risk = normal(rng);
  const ageDays = Math.round(7_500 + 17_500 * (0.55 * rng() + 0.45 * rng()));
  const income = money(1_000 * Math.exp(4.98 + 0.46 * normal(rng) - 0.06 * risk));
  return { index, id: 100_002 + index, risk, ageDays, income, hasBureau: rng() < 0.86, hasPrevious: rng() < 0.95 };
}

const contract = choiceOf("Cash_loans 90, Revolving_loans 10");
const suite = choiceOf(
  "Unaccompanied 81, Family 13, Spouse_partner 3.7, Children 1.1, Other_B 0.6, Other_A 0.3, Group_of_people 0.1",
);
const incomeType = choiceOf("Working 63, Commercial_associate 28, State_servant 9, Unemployed 0.01, Student 0.01");
const education = choiceOf(
  "Secondary_/_secondary_special 71, Higher_education 24.3, Incomplete_higher 3.3, Lower_secondary 1.2, Academic_degree 0.05",
);
const family = choiceOf("Married 64, Single_/_not_married 15, Civil_marriage 9.7, Separated 6.4, Widow 5.2");
const housing = choiceOf(
  "House_/_apartment 88.7, With_parents 4.8, Municipal_apartment 3.6, Rented_apartment 1.6, Office_apartment 0.9, Co-op_apartment 0.4",
);
const occupation = choiceOf(
  "Laborers 26, Sales_staff 15.2, Core_staff 13, Managers 10.1, Drivers 8.8, High_skill_tech_staff 5.4, Accountants 4.6, " +
    "Medicine_staff 4, Security_staff 3.2, Cooking_staff 2.8, Cleaning_staff 2.2, Private_service_staff 1.3, " +
    "Low-skill_Laborers 1, Waiters/barmen_staff 0.6, Secretaries 0.6, Realty_agents 0.4, HR_staff 0.3, IT_staff 0.2",
);
const riskyOccupations = new Map([
  ["Low-skill Laborers", 0.6],
  ["Drivers", 0.25],
  ["Laborers", 0.2],
  ["Accountants", -0.45],
  ["Managers", -0.2],
]);
const organization = choiceOf(
  "Business_Entity_Type_3 22, Self-employed 12.5, Other 5.4, Medicine 3.6, Business_Entity_Type_2 3.4, Government 3.4, School 2.9, " +
    "Trade:_type_7 2.5, Kindergarten 2.2, Construction 2.2, Business_Entity_Type_1 1.9, Transport:_type_4 1.8, Trade:_type_3 1.1, " +
    "Industry:_type_9 1.1, Industry:_type_3 1.1, Security 1.1, Housing 1, Industry:_type_11 0.9, Military 0.9, Bank 0.8, " +
    "Agriculture 0.8, Police 0.8, Transport:_type_2 0.7, Postal 0.7, Security_Ministries 0.6, Trade:_type_2 0.6, Restaurant 0.6, " +
    "Services 0.5, University 0.4, Industry:_type_7 0.4, Transport:_type_3 0.4, Industry:_type_1 0.3, Hotel 0.3, Electricity 0.3, " +
    "Industry:_type_4 0.3, Trade:_type_6 0.2, Industry:_type_5 0.2, Insurance 0.2, Telecom 0.2, Emergency 0.2, Industry:_type_2 0.15, " +
    "Advertising 0.14, Realtor 0.13, Culture 0.12, Industry:_type_12 0.12, Trade:_type_1 0.11, Mobile 0.1, Legal_Services 0.1, " +
    "Cleaning 0.08, Transport:_type_1 0.07, Industry:_type_6 0.04, Industry:_type_10 0.04, Religion 0.03, Industry:_type_13 0.02, " +
    "Trade:_type_4 0.02, Trade:_type_5 0.02, Industry:_type_8 0.01",
);
/** Days on which people come, in the bank and for earlier loans. */
export const weekdays = choiceOf(
  "TUESDAY 17.5, WEDNESDAY 17, MONDAY 16.5, THURSDAY 16.5, FRIDAY 16.4, SATURDAY 11, SUNDAY 5.1",
);
const fund = choiceOf("reg_oper_account 76, reg_oper_spec_account 12, not_specified 6, org_spec_account 6");
const houseType = choiceOf("block_of_flats 98.2, specific_housing 1, terraced_house 0.8");
const walls = choiceOf("Panel 44, Stone_brick 43, Block 6, Wooden 3.6, Mixed 1.5, Monolithic 1.2, Others 1.1");
/** Shares of applications with a document, by its number 2 … 21. */
const documentShares = [
  0.0001, 0.71, 0.0001, 0.015, 0.088, 0.0002, 0.081, 0.004, 0.0001, 0.004, 0.0001, 0.0035, 0.003, 0.0012, 0.01, 0.0003,
  0.008, 0.0006, 0.0005, 0.0003,
];
/** Mean enquiries at credit bureaus within an hour, day, week, month, quarter, year. */
const enquiries = [0.006, 0.007, 0.034, 0.27, 0.27, 1.9];

/** A score of a credit agency from 0 to 1: the smaller, the riskier. */
function agencyScore(rng: Rng, risk: number, closeness: number): number {
  return rounded(logistic(0.3 - closeness * risk + 0.75 * normal(rng)), 6);
}

/** Statistics about the flat: the same for all three up to small differences, missing together. */
function flatCells(rng: Rng): readonly Cell[] {
  const isKnown = rng() > 0.48;
  const size = Math.exp(0.6 * normal(rng));
  const average = Array.from({ length: flatColumns.length / 3 }, (_, part) => {
    const usual = [0.09, 0.08, 0.97, 0.75, 0.03, 0.05, 0.15, 0.2, 0.2, 0.06, 0.08, 0.09, 0.004, 0.02][part] ?? 0.1;
    const value = usual > 0.5 ? usual + 0.03 * (rng() - 0.5) : usual * size * (0.6 + 0.8 * rng());
    return isKnown && rng() > (part === 4 || part === 8 || part === 12 ? 0.4 : 0.05)
      ? rounded(Math.min(1, value), 4)
      : null;
  });
  const like = (spread: number): readonly Cell[] =>
    average.map((value) => (value === null ? null : rounded(Math.min(1, value * (1 + spread * (rng() - 0.5))), 4)));
  return [...average, ...like(0.1), ...like(0.02)];
}

/** The cells of a client's application, label included. */
export function applicationCells(seed: number, client: Client): readonly Cell[] {
  const { risk, ageDays, income } = client;
  const rng = rngStream(seed, `home-credit/application/${client.index}`);
  const isRevolving = flag(rng, 0.1) === 1;
  const isMan = rng() < 0.34;
  const isRetired = ageDays > 20_500 && rng() < 0.75;
  const children = Math.min(5, countAround(rng, 0.15 * (ageDays < 18_000 ? 1 : 0.2)));
  const credit = money(
    isRevolving ? 180_000 + 45_000 * between(rng, 0, 8) : income * Math.exp(1.15 + 0.55 * normal(rng)),
  );
  const years = isRevolving ? 20 : 6 + 34 * rng();
  const annuity = money((credit / years) * (1.1 + 0.4 * rng()));
  const goods = money(Math.floor((credit * (0.8 + 0.2 * rng())) / 4_500) * 4_500);
  const schooling = pick(rng, education);
  const work = pick(rng, occupation);
  const employedDays = isRetired
    ? -365_243
    : Math.round((ageDays - 6_600) * Math.min(0.9, -0.18 * Math.log(1 - rng())));
  const external = [agencyScore(rng, risk, 0.9), agencyScore(rng, risk, 0.75), agencyScore(rng, risk, 0.95)] as const;
  const rating = rng() < 0.1 ? 1 : rng() < 0.83 ? 2 : 3;
  const logit =
    -3.4 +
    1.3 * risk +
    (riskyOccupations.get(work) ?? 0) +
    (isMan ? 0.25 : 0) +
    (schooling === "Higher education" ? -0.3 : 0) +
    0.25 * (rating - 2) +
    2.5 * (annuity / income - 0.18) +
    0.00006 * (15_500 - ageDays) +
    (isRetired ? -0.2 : -0.00012 * (employedDays - 2_000)) +
    (isRevolving ? -0.4 : 0) +
    (credit > goods * 1.15 ? 0.2 : 0);
  const target = flag(rng, logistic(logit));
  const known = 1 - Number(isRetired);
  const circle = countAround(rng, 1.2);
  const late = Math.min(circle, countAround(rng, Math.max(0, 0.1 * risk - 0.35)));
  const flats = flatCells(rng);
  return [
    client.id,
    target,
    isRevolving ? contract.values[1]! : contract.values[0]!,
    isMan ? "M" : "F",
    rng() < 0.34 ? "Y" : "N",
    rng() < 0.69 ? "Y" : "N",
    children,
    income,
    credit,
    annuity,
    goods,
    orNull(rng, 0.004, pick(rng, suite)),
    isRetired ? "Pensioner" : pick(rng, incomeType),
    schooling,
    pick(rng, family),
    pick(rng, housing),
    rounded(0.0003 + 0.07 * rng() * rng(), 6),
    -ageDays,
    -employedDays,
    -Math.round(ageDays * rng() * 0.6),
    -between(rng, 0, 6_000),
    orNull(rng, 0.66, countAround(rng, 12)),
    1,
    known,
    flag(rng, 0.2),
    flag(rng, 0.998),
    flag(rng, 0.28),
    flag(rng, 0.06),
    isRetired ? null : orNull(rng, 0.16, work),
    children + (rng() < 0.72 ? 2 : 1),
    rating,
    rng() < 0.96 ? rating : 2,
    pick(rng, weekdays),
    Math.min(23, Math.max(0, Math.round(12 + 3.2 * normal(rng)))),
    flag(rng, 0.015),
    flag(rng, 0.05 * known),
    flag(rng, 0.04 * known),
    flag(rng, 0.078),
    flag(rng, 0.28 * known),
    flag(rng, 0.22 * known),
    isRetired ? "XNA" : pick(rng, organization),
    orNull(rng, 0.56, external[0]),
    orNull(rng, 0.002, external[1]),
    orNull(rng, 0.2, external[2]),
    ...flats,
    orNull(rng, 0.68, pick(rng, fund)),
    orNull(rng, 0.5, pick(rng, houseType)),
    flats[11] ?? null,
    orNull(rng, 0.5, pick(rng, walls)),
    orNull(rng, 0.47, rng() < 0.985 ? "No" : "Yes"),
    circle,
    late,
    Math.max(0, circle - flag(rng, 0.02)),
    Math.max(0, late - flag(rng, 0.3)),
    -countAround(rng, 960),
    ...documentFlags.map((_, i) => flag(rng, documentShares[i] ?? 0)),
    ...(client.hasBureau
      ? enquiries.map((mean) => (mean > 1 ? countAround(rng, mean) : flag(rng, mean)))
      : enquiries.map(() => null)),
  ];
}
