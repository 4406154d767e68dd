/** Loans of the generated clients: at other banks (bureau) and earlier ones at this bank (previous applications). */
import { rngStream } from "../../core/rng.ts";
import { type Client, weekdays } from "./clients.ts";
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

/** A client may have at most so many of either kind, so that ids are known without counting the clients before. */
export const maxLoans = 64;

/** A loan at another bank. */
export interface BureauLoan {
  readonly id: number;
  readonly cells: readonly Cell[];
  /** Months with a line in `bureau_balance`; 0 for most. */
  readonly months: number;
  /** Months since it was closed; 0 if it is active. */
  readonly closedMonths: number;
}

const creditType = choiceOf(
  "Consumer_credit 72.9, Credit_card 23.4, Car_loan 1.6, Mortgage 1.1, Microloan 0.7, Loan_for_business_development 0.1, Another_type_of_loan 0.1",
);
const currency = choiceOf("currency_1 99.9, currency_2 0.07, currency_3 0.01");

/** Loans of a client at other banks, the same each time. */
export function bureauLoans(seed: number, client: Client): readonly BureauLoan[] {
  if (!client.hasBureau) return [];
  const { risk } = client;
  const rng = rngStream(seed, `home-credit/bureau/${client.index}`);
  const count = Math.min(maxLoans, 1 + countAround(rng, 4.6));
  return Array.from({ length: count }, (_, k): BureauLoan => {
    const id = 5_000_000 + client.index * maxLoans + k;
    const age = between(rng, 10, 2_900);
    const term = Math.round(180 * Math.exp(0.9 + 0.8 * normal(rng)));
    const isActive = rng() < logistic(0.9 * (1 - age / 900) + 0.25 * risk);
    const type = pick(rng, creditType);
    const sum = money(
      Math.exp(11.6 + (type === "Mortgage" ? 2.6 : type === "Microloan" ? -1.5 : 0) + 1.1 * normal(rng)),
    );
    const debt = isActive
      ? money(sum * logistic(0.5 * risk + normal(rng)) * Math.max(0.05, 1 - age / (age + term)))
      : 0;
    const overdue = isActive && rng() < 0.01 * Math.exp(0.9 * risk) ? between(rng, 1, 90) : 0;
    const closed = isActive ? 0 : between(rng, 1, Math.max(1, age));
    return {
      id,
      months: rng() < 0.32 ? Math.min(96, Math.max(1, Math.round(age / 30))) : 0,
      closedMonths: Math.floor(closed / 30),
      cells: [
        client.id,
        id,
        isActive ? "Active" : rng() < 0.99 ? "Closed" : "Sold",
        pick(rng, currency),
        -age,
        overdue,
        orNull(rng, 0.06, term - age),
        isActive ? null : -closed,
        orNull(rng, 0.65, rng() < 0.2 ? money(Math.exp(8 + 0.6 * risk + 1.2 * normal(rng))) : 0),
        flag(rng, 0.006),
        sum,
        orNull(rng, 0.15, debt),
        orNull(rng, 0.34, type === "Credit card" ? sum - debt : 0),
        overdue > 0 ? money(0.1 * debt) : 0,
        type,
        -Math.min(age, countAround(rng, 300)),
        orNull(rng, 0.71, money((sum / Math.max(6, term / 30)) * 1.15)),
      ],
    };
  });
}

/** An earlier application at this bank. */
export interface PreviousLoan {
  readonly id: number;
  readonly cells: readonly Cell[];
  /** Only approved loans have monthly lines. */
  readonly kind: "none" | "instalments" | "card";
  readonly ageDays: number;
  readonly payments: number;
  readonly annuity: number;
  readonly credit: number;
}

const portfolio = choiceOf("Cash 45, POS 44, Cards 11");
const status = choiceOf("Approved 62, Canceled 18.9, Refused 17.4, Unused_offer 1.6");
const terms = choiceOf("6 22, 10 12, 12 31, 18 8, 24 13, 36 9, 48 5");
const purpose = choiceOf(
  "XAP 55, XNA 41, Repairs 1.4, Other 0.9, Urgent_needs 0.5, Buying_a_used_car 0.2, Education 0.1, Medicine 0.1",
);
const payment = choiceOf("Cash_through_the_bank 62, XNA 37.5, Non-cash_from_your_account 0.5");
const reason = choiceOf("HC 60, LIMIT 19, SCO 13, CLIENT 9, SCOFR 4, XNA 2");
const companion = choiceOf("Unaccompanied 60, Family 25, Spouse_partner 8, Children 4, Other_B 2, Other_A 1");
const clientType = choiceOf("Repeater 73.7, New 18, Refreshed 8.1, XNA 0.1");
const goods = choiceOf(
  "Mobile 31, Consumer_Electronics 17, Computers 15, Audio/Video 14, Furniture 7, Photo/Cinema_Equipment 3.5, " +
    "Construction_Materials 3.5, Clothing_and_Accessories 3.3, Auto_Accessories 1, Jewelry 0.9, Homewares 0.7, Medical_Supplies 0.5, Vehicles 0.5",
);
const channel = choiceOf(
  "Credit_and_cash_offices 43, Country-wide 29.6, Stone 12.7, Regional_/_Local 6.5, Contact_center 4.3, AP+_(Cash_loan) 3.4, Channel_of_corporate_sales 0.4, Car_dealer 0.1",
);
const industry = choiceOf(
  "XNA 51, Consumer_electronics 24, Connectivity 16.5, Furniture 3.5, Construction 1.8, Clothing 1.4, Industry 1.1, Auto_technology 0.3",
);
const yieldGroup = choiceOf("XNA 31, middle 23, high 21, low_normal 19, low_action 5.5");

/** Earlier applications of a client, the same each time. */
export function previousLoans(seed: number, client: Client): readonly PreviousLoan[] {
  if (!client.hasPrevious) return [];
  const { risk } = client;
  const rng = rngStream(seed, `home-credit/previous/${client.index}`);
  const count = Math.min(maxLoans, 1 + countAround(rng, 4));
  return Array.from({ length: count }, (_, k): PreviousLoan => {
    const id = 1_000_000 + client.index * maxLoans + k;
    const product = pick(rng, portfolio);
    const decision = rng() < 0.1 * Math.exp(0.55 * risk) ? "Refused" : pick(rng, status);
    const isApproved = decision === "Approved";
    const ageDays = between(rng, 2, 2_900);
    const payments = product === "Cards" ? 0 : Number(pick(rng, terms));
    const asked = money(
      product === "Cards"
        ? 45_000 * between(rng, 1, 10)
        : Math.exp(11.1 + (product === "Cash" ? 0.9 : 0) + 0.8 * normal(rng)),
    );
    const credit = money(asked * (0.85 + 0.3 * rng()));
    const down = product === "POS" ? money(asked * 0.25 * rng() * rng()) : null;
    const annuity = money((credit / Math.max(6, payments)) * (1.1 + 0.3 * rng()));
    const yields = pick(rng, yieldGroup);
    const firstDue = isApproved && payments > 0 ? -ageDays + 30 : null;
    const lastDue = firstDue === null ? null : firstDue + 30 * (payments - 1);
    return {
      id,
      kind: !isApproved ? "none" : product === "Cards" ? "card" : "instalments",
      ageDays,
      payments,
      annuity,
      credit,
      cells: [
        id,
        client.id,
        product === "Cards" ? "Revolving loans" : product === "POS" ? "Consumer loans" : "Cash loans",
        isApproved || rng() < 0.5 ? annuity : null,
        asked,
        credit,
        down,
        asked,
        pick(rng, weekdays),
        Math.min(23, Math.max(0, Math.round(12.5 + 3.3 * normal(rng)))),
        rng() < 0.995 ? "Y" : "N",
        flag(rng, 0.9965),
        down === null ? null : rounded(down / Math.max(1, asked), 6),
        orNull(rng, 0.996, rounded(0.1 + 0.2 * rng(), 6)),
        orNull(rng, 0.996, rounded(0.7 + 0.2 * rng(), 6)),
        pick(rng, purpose),
        decision,
        -ageDays,
        pick(rng, payment),
        decision === "Refused" ? pick(rng, reason) : "XAP",
        orNull(rng, 0.49, pick(rng, companion)),
        pick(rng, clientType),
        product === "POS" ? pick(rng, goods) : "XNA",
        product,
        product === "POS" ? "XNA" : rng() < 0.7 ? "x-sell" : "walk-in",
        pick(rng, channel),
        rng() < 0.45 ? -1 : countAround(rng, 300),
        pick(rng, industry),
        decision === "Canceled" && rng() < 0.8 ? null : payments,
        yields,
        `${product} ${yields === "XNA" ? "street" : yields}`,
        isApproved ? (product === "Cards" ? -ageDays : 365_243) : null,
        firstDue,
        lastDue,
        lastDue === null ? null : lastDue > 0 ? 365_243 : lastDue,
        lastDue === null ? null : lastDue > 0 ? 365_243 : lastDue + between(rng, 3, 15),
        isApproved ? flag(rng, 0.33) : null,
      ],
    };
  });
}
