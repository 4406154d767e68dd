/** What happened to loans month by month; clients at risk pay late, owe more of their card's limit and leave more unpaid. */
import { type Rng, rngStream } from "../../core/rng.ts";
import type { Client } from "./clients.ts";
import { between, type Cell, countAround, flag, logistic, money, normal } from "./draws.ts";
import { bureauLoans, type PreviousLoan, previousLoans } from "./loans.ts";

/** Lines of one client in a monthly table. */
export type MonthlyRows = (seed: number, client: Client) => readonly (readonly Cell[])[];

const streamOf = (seed: number, table: string, client: Client): Rng =>
  rngStream(seed, `home-credit/${table}/${client.index}`);

/** `bureau_balance`: status of a loan at another bank: C closed, X unknown, 0 paid in time, 1 … 5 late. */
export const bureauBalanceRows: MonthlyRows = (seed, client) => {
  const rng = streamOf(seed, "bureau-balance", client);
  return bureauLoans(seed, client).flatMap(({ id, months, closedMonths }) =>
    Array.from({ length: months }, (_, month): readonly Cell[] => {
      if (month < closedMonths) return [id, -month, "C"];
      const isLate = rng() < 0.02 * Math.exp(0.8 * client.risk);
      return [id, -month, isLate ? String(Math.min(5, 1 + countAround(rng, 0.3))) : rng() < 0.3 ? "X" : "0"];
    }),
  );
};

const instalmentsOf = (seed: number, client: Client): readonly PreviousLoan[] =>
  previousLoans(seed, client).filter(({ kind }) => kind === "instalments");

/** Payments of a loan that fell due before today. */
const duePayments = ({ payments, ageDays }: PreviousLoan): number => Math.min(payments, Math.floor(ageDays / 30));

/** Days past due: 0 for nearly all. */
function pastDue(rng: Rng, risk: number, usual: number): number {
  return rng() < usual * Math.exp(0.7 * risk) ? 1 + countAround(rng, 12) : 0;
}

/** `POS_CASH_balance`: what is left of cash and consumer loans at the end of each month. */
export const posCashRows: MonthlyRows = (seed, client) => {
  const rng = streamOf(seed, "pos-cash", client);
  return instalmentsOf(seed, client).flatMap((loan) => {
    const due = duePayments(loan);
    const first = Math.floor(loan.ageDays / 30);
    return Array.from({ length: due }, (_, paid): readonly Cell[] => {
      const late = pastDue(rng, client.risk, 0.03);
      const isLast = paid === loan.payments - 1;
      const left = loan.payments - paid - 1;
      return [
        loan.id,
        client.id,
        paid - first,
        loan.payments,
        left,
        isLast ? "Completed" : "Active",
        late,
        late > 30 ? late : 0,
      ];
    }).toReversed();
  });
};

/** `installments_payments`: one line per payment; some instalments are paid in two. */
export const instalmentRows: MonthlyRows = (seed, client) => {
  const rng = streamOf(seed, "instalments", client);
  return instalmentsOf(seed, client).flatMap((loan) =>
    Array.from({ length: duePayments(loan) }, (_, k) => k).flatMap((k): readonly (readonly Cell[])[] => {
      const dueDay = -loan.ageDays + 30 * (k + 1);
      const early = rng() < 0.08 * Math.exp(0.5 * client.risk) ? -1 - countAround(rng, 6) : countAround(rng, 9);
      const line = (version: number, share: number): readonly Cell[] => {
        const amount = money(loan.annuity * share);
        const paid = rng() < 0.01 * Math.exp(0.6 * client.risk) ? money(amount * rng()) : amount;
        const isOpen = dueDay - early > -1;
        return [
          loan.id,
          client.id,
          version,
          k + 1,
          dueDay,
          isOpen ? null : dueDay - early,
          amount,
          isOpen ? null : paid,
        ];
      };
      if (rng() > 0.06) return [line(1, 1)];
      const share = 0.2 + 0.6 * rng();
      return [line(1, share), line(2, 1 - share)];
    }),
  );
};

/** `credit_card_balance`: balance, drawings and payments of credit cards. */
export const creditCardRows: MonthlyRows = (seed, client) => {
  const rng = streamOf(seed, "card", client);
  return previousLoans(seed, client)
    .filter(({ kind }) => kind === "card")
    .flatMap(({ id, ageDays, credit }) => {
      const limit = 4_500 * Math.max(1, Math.round(credit / 4_500));
      const months = Math.min(96, Math.ceil((0.7 * ageDays) / 30));
      const isUsed = rng() < 0.6;
      let balance = 0;
      return Array.from({ length: months }, (_, month): readonly Cell[] => {
        const wish = isUsed && rng() < 0.45 ? limit * logistic(-2.2 + 0.5 * client.risk + 0.8 * normal(rng)) : 0;
        const drawn = money(Math.min(Math.max(0, limit - balance), wish));
        const cash = money(drawn * (0.3 + 0.15 * Math.tanh(client.risk)) * rng());
        const least = money(0.05 * balance);
        const isLate = balance > 0 && rng() < 0.03 * Math.exp(0.7 * client.risk);
        const paid = isLate ? 0 : money(Math.min(balance, least + balance * 0.25 * rng()));
        balance = money((balance - paid) * 1.015 + drawn);
        const days = isLate ? between(rng, 1, 40) : 0;
        const [cashTimes, times] = [cash > 0 ? between(rng, 1, 4) : 0, drawn - cash > 0 ? between(rng, 1, 12) : 0];
        const total = money(balance * 1.002);
        const other = flag(rng, 0.002);
        return [
          id,
          client.id,
          month - months,
          balance,
          limit,
          cash,
          drawn,
          other,
          money(drawn - cash),
          least,
          paid,
          paid,
          money(balance * 0.96),
          balance,
          total,
          cashTimes,
          cashTimes + times + other,
          other,
          times,
          month,
          "Active",
          days,
          days > 30 ? days : 0,
        ];
      });
    });
};
