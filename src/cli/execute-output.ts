import type { Exclusion } from "../core/result-row.ts";
import { rowColumns, type RunRow } from "../core/result-row.ts";
import type { SystemSpec } from "../core/system.ts";
import type { ExecutedIteration, ExecutionOutcome } from "../harness/execution/execute-cell.ts";
import { formatBytes, formatUs } from "../report/charts/units.ts";
import { type CellRecord, renderRecords } from "./print-records.ts";

/** A system that ran for real, or was left out. */
export interface ExecutionSummary {
  readonly system: SystemSpec;
  readonly budgetBytes: number | null;
  readonly outcome: ExecutionOutcome;
}

const headColumns = ["trace", "system", "planner", "materializer", "budgetBytes", "accounting", "seed", "executor"];

/**
 * Prints real runs. `json` is `{"rows","excluded","metrics"}` and, of a twin run, `"twin"`; `ndjson` and `csv` are one line
 * per row; `table` and `md` are for people: one line per system, then the twins version by version.
 */
export function renderExecution(
  summaries: readonly ExecutionSummary[],
  excluded: readonly Exclusion[],
  title: string,
  format: unknown,
): string {
  const rows = summaries.flatMap(({ outcome }) => outcome.rows);
  if (format === "json") return `${JSON.stringify(asJson(summaries, rows, excluded))}\n`;
  if (format === "ndjson") return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  if (format === "csv")
    return renderRecords(rows as unknown as readonly CellRecord[], [...headColumns, ...rowColumns], "csv");
  const lines = summaries.map(summaryLine);
  const columns = Object.keys(lines[0] ?? {}).filter(
    (name) => name !== "note" || lines.some((line) => line["note"] !== ""),
  );
  const twins = summaries.flatMap(({ system, outcome }) =>
    outcome.executed.flatMap((iteration) => renderTwin(system, iteration, format)),
  );
  return [`measured: ${title}\n\n${renderRecords(lines, columns, format)}`, ...twins].join("\n");
}

function asJson(
  summaries: readonly ExecutionSummary[],
  rows: readonly RunRow[],
  excluded: readonly Exclusion[],
): object {
  const metrics = summaries.flatMap(({ system, budgetBytes, outcome }) =>
    outcome.rows.map(({ iteration }, i) => ({
      system: system.id,
      budgetBytes,
      iteration,
      values: outcome.metrics[i] ?? {},
    })),
  );
  const twin = summaries.flatMap(({ system, budgetBytes, outcome }) =>
    outcome.executed.flatMap((iteration) => {
      const nodes = twinNodes(iteration);
      if (nodes === undefined) return [];
      const { row, report } = iteration;
      const { label } = report.iteration;
      return {
        system: system.id,
        budgetBytes,
        iteration: row.iteration,
        ...(label === undefined ? {} : { label }),
        runUs: row.runUs,
        twinRunUs: iteration.twin?.row.runUs,
        nodes,
      };
    }),
  );
  return { rows, excluded, metrics, ...(twin.length === 0 ? {} : { twin }) };
}

function summaryLine({ system, budgetBytes, outcome }: ExecutionSummary): CellRecord {
  const { rows, exclusion, failure } = outcome;
  const last = rows.at(-1);
  const isWhole = exclusion === undefined && failure === undefined;
  const sum = (value: (row: RunRow) => number): number => rows.reduce((total, row) => total + value(row), 0);
  const metrics = Object.entries(outcome.metrics.at(-1) ?? {})[0];
  return {
    system: system.id,
    budget: budgetBytes === null ? "none" : formatBytes(budgetBytes),
    iterations: rows.length,
    total: last !== undefined && isWhole ? formatUs(last.cumulativeUs) : "-",
    compute: formatUs(sum((row) => row.computeUs)),
    load: formatUs(sum((row) => row.loadUs)),
    write: formatUs(sum((row) => row.writeUs)),
    stored: last === undefined ? "-" : formatBytes(last.storedBytes),
    computed: sum((row) => row.computed),
    loaded: sum((row) => row.loaded),
    "last metric": metrics === undefined ? "" : `${metrics[0]} ${metrics[1].toFixed(4)}`,
    note: failure !== undefined ? `failed: ${failure.message}` : (exclusion?.reason ?? ""),
  };
}

/** What became of each node with and without optimization; undefined without a twin. Times in microseconds. */
function twinNodes({ report, twin }: ExecutedIteration):
  | readonly {
      readonly id: string;
      readonly op: string;
      readonly state: string;
      readonly us: number;
      readonly twinState: string;
      readonly twinUs: number;
    }[]
  | undefined {
  if (twin === undefined) return undefined;
  return report.nodes.map((node, i) => {
    const plain = twin.nodes[i];
    return {
      id: node.node.id,
      op: node.node.op,
      state: node.sameAs === undefined ? `${node.state}${node.written ? ", stored" : ""}` : `same as ${node.sameAs}`,
      us: node.computeUs + node.loadUs + node.writeUs,
      twinState: plain?.state ?? "-",
      twinUs: (plain?.computeUs ?? 0) + (plain?.loadUs ?? 0) + (plain?.writeUs ?? 0),
    };
  });
}

function renderTwin(system: SystemSpec, iteration: ExecutedIteration, format: unknown): readonly string[] {
  const nodes = twinNodes(iteration);
  if (nodes === undefined) return [];
  const { row, report, twin } = iteration;
  const lines = nodes.map(({ id, op, state, us, twinState, twinUs }): CellRecord => ({
    node: id,
    op,
    [`with ${system.id}`]: state,
    time: us === 0 ? "-" : formatUs(us),
    without: twinState,
    "time without": twinUs === 0 ? "-" : formatUs(twinUs),
  }));
  const head = `iteration ${row.iteration}${report.iteration.label === undefined ? "" : ` (${report.iteration.label})`}: ${formatUs(row.runUs)} with ${system.id}, ${formatUs(twin?.row.runUs ?? 0)} without`;
  return [`${head}\n\n${renderRecords(lines, Object.keys(lines[0] ?? {}), format)}`];
}
