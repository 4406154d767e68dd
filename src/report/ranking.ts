/** Rankings of systems from the rows of cells: for every experiment that runs several systems and makes no ranking of its own. */
import type { Cell, Row } from "../harness/cells.ts";
import type { ResultTable } from "../harness/experiment.ts";
import { formatBytes, formatNumber, formatUs } from "./charts/units.ts";

interface Finish {
  readonly iterations: number;
  readonly cumulativeUs: number;
  readonly storedBytes: number;
}

/** What differs between systems of one comparison. */
const parts = new Set(["system", "planner", "materializer", "ignoresBudget"]);

interface Standing {
  compared: number;
  best: number;
  logRatio: number;
  totalUs: number;
  storedBytes: number;
  ended: number;
}

/**
 * One table per accounting and executor, since those are never mixed. Systems are compared within equal trace, budget, seed
 * and other parameters, on whole runs only; a run that ends early counts as ended. Order: geometric mean of run time ÷ the
 * best whole run. Empty when rows are not iterations of systems.
 */
export function rankingTables(cells: Iterable<Cell>): readonly ResultTable[] {
  const groups = new Map<string, Map<string, Map<string, Finish>>>();
  for (const { configuration, rows, status } of cells) {
    if (status !== "done") continue;
    for (const row of rows) {
      const { system, cumulativeUs, iteration, executor = configuration.executor } = row;
      if (typeof system !== "string" || typeof cumulativeUs !== "number" || typeof iteration !== "number") continue;
      if (executor === "bound") continue;
      const regime = `accounting ${String(row["accounting"] ?? "uniform")}, executor ${String(executor)}`;
      const comparison = JSON.stringify([
        row["trace"] ?? null,
        row["budgetBytes"] ?? null,
        row["seed"] ?? null,
        ...Object.entries(configuration.params).filter(([name]) => !parts.has(name)),
      ]);
      const finishes = inner(inner(groups, regime), comparison);
      const before = finishes.get(system);
      const storedBytes = Math.max(before?.storedBytes ?? 0, numberOf(row, "storedBytes"));
      finishes.set(
        system,
        before === undefined || iteration + 1 > before.iterations
          ? { iterations: iteration + 1, cumulativeUs, storedBytes }
          : { ...before, storedBytes },
      );
    }
  }
  return [...groups].flatMap(([regime, comparisons]) => tableOf(regime, [...comparisons.values()]) ?? []);
}

function inner<V>(map: Map<string, Map<string, V>>, key: string): Map<string, V> {
  const found = map.get(key) ?? new Map<string, V>();
  map.set(key, found);
  return found;
}

function numberOf(row: Row, name: string): number {
  const value = row[name];
  return typeof value === "number" ? value : 0;
}

function tableOf(regime: string, comparisons: readonly ReadonlyMap<string, Finish>[]): ResultTable | undefined {
  const standings = new Map<string, Standing>();
  for (const finishes of comparisons) {
    const whole = Math.max(...[...finishes.values()].map(({ iterations }) => iterations));
    const bestUs = Math.min(
      ...[...finishes.values()]
        .filter(({ iterations }) => iterations === whole)
        .map(({ cumulativeUs }) => cumulativeUs),
    );
    for (const [system, { iterations, cumulativeUs, storedBytes }] of finishes) {
      const standing = standings.get(system) ?? {
        compared: 0,
        best: 0,
        logRatio: 0,
        totalUs: 0,
        storedBytes: 0,
        ended: 0,
      };
      standings.set(system, standing);
      if (iterations < whole) {
        standing.ended++;
        continue;
      }
      standing.compared++;
      standing.logRatio += Math.log((cumulativeUs + 1) / (bestUs + 1));
      if (cumulativeUs === bestUs) standing.best++;
      standing.totalUs += cumulativeUs;
      standing.storedBytes = Math.max(standing.storedBytes, storedBytes);
    }
  }
  if (standings.size < 2) return undefined;
  const ratioOf = ({ logRatio, compared }: Standing): number =>
    compared === 0 ? Number.POSITIVE_INFINITY : Math.exp(logRatio / compared);
  const ranked = [...standings].sort(([a, x], [b, y]) => ratioOf(x) - ratioOf(y) || (a < b ? -1 : 1));
  return {
    title: "Ranking",
    note: `${regime}; ${comparisons.length} ${comparisons.length === 1 ? "comparison" : "comparisons"} of equal trace, budget, seed and parameters; ordered by the geometric mean of run time ÷ the best whole run of the comparison.`,
    header: [
      "system",
      "rank",
      "run time ÷ best",
      "best in",
      "whole runs",
      "ended early",
      "total run time",
      "most stored",
    ],
    rows: ranked.map(([system, standing], i) =>
      standing.compared === 0
        ? [system, "–", "–", "–", "0", String(standing.ended), "–", "–"]
        : [
            system,
            String(i + 1),
            `${formatNumber(ratioOf(standing))}x`,
            String(standing.best),
            String(standing.compared),
            String(standing.ended),
            formatUs(standing.totalUs),
            formatBytes(standing.storedBytes),
          ],
    ),
  };
}
