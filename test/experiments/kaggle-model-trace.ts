import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { columnsOf } from "../../src/core/column-lineage.ts";
import type { IterationNode, TraceIteration, TraceNode } from "../../src/core/iteration.ts";
import { formatTrace } from "../../src/traces/format/parse-text.ts";
import { namedOnly } from "../../src/workloads/kaggle/artifacts.ts";
import { kaggle } from "../../src/workloads/kaggle/index.ts";

/** Rows of a table for each client, roughly those of the original. */
const rowsPerClient: Readonly<Record<string, number>> = {
  application: 1,
  bureau: 5,
  bureau_balance: 77,
  previous_application: 5,
  POS_CASH_balance: 28,
  installments_payments: 38,
  credit_card_balance: 11,
};

/** µs per row and column that an operator makes; learning costs more. */
const usPerValue: Readonly<Record<string, number>> = { learn: 40, predict: 2, join: 0.1, aggregate: 0.3, scan: 0.2 };

/** The eight Kaggle workloads with invented costs: 8 bytes a value, columns by their lineage, qualities from 0.6 up. */
export function kaggleModelTrace(name: string, clients: number): string {
  const known = new Map<string, readonly { readonly name: string; readonly id: string }[]>();
  let models = 0;
  const qualities = new Map<string, number>();
  const iterations = kaggle.versions(namedOnly, 1, {}).map((version): TraceIteration => {
    const columns = columnsOf(version.nodes, known);
    const rows = new Map<string, number>();
    const nodes = version.nodes.map(({ operator: _operator, ...node }): TraceNode => {
      rows.set(node.id, rowsOf(node, rows, clients));
      const count = rows.get(node.id)!;
      const isText = ["source", "learn", "select", "reduce"].includes(node.op);
      const own = isText ? [] : (columns.get(node.id) ?? []).map(({ id }) => ({ id, bytes: 8 * count }));
      const width = Math.max(1, ...node.parents.map((parent) => columns.get(parent)?.length ?? 1), own.length);
      const sizeBytes = own.reduce((sum, { bytes }) => sum + bytes, 600);
      const loadUs = node.op === "source" ? 10 : 2_000 + Math.ceil(sizeBytes / 1_000);
      if (node.op === "learn" && !qualities.has(node.signature)) qualities.set(node.signature, 0.6 + 0.01 * models++);
      const quality = qualities.get(node.signature);
      return {
        ...node,
        computeUs: node.op === "source" ? 100 : 3_000 + Math.round(count * width * (usPerValue[node.op] ?? 0.05)),
        sizeBytes,
        memoryBytes: sizeBytes,
        loadUs,
        writeUs: 2 * loadUs,
        ...(own.length === 0 ? {} : { columns: own }),
        ...(quality === undefined ? {} : { quality }),
      };
    });
    return { ...version, nodes };
  });
  const source = { rows: clients, imputed: ["computeUs"] };
  return formatTrace({ header: { format: "reuselab.trace", version: 1, name, source }, iterations });
}

function rowsOf({ id, op, parents }: IterationNode, rows: ReadonlyMap<string, number>, clients: number): number {
  if (op === "scan") return clients * (rowsPerClient[id] ?? 1);
  if (op === "aggregate") return clients * (id.startsWith("balance.") && id !== "balance.clients" ? 5 : 1);
  return rows.get(parents[0] ?? "") ?? clients;
}

/** Writes them under the names that the Kaggle figures read, as small as tests can do with. */
export function writeKaggleModelTraces(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, clients] of [
    ["kaggle-0.0025x", 900],
    ["kaggle-0.01x", 3_500],
    ["kaggle-lifted-1x", 350_000],
  ] as const)
    writeFileSync(join(folder, `${name}.jsonl`), kaggleModelTrace(name, clients));
  return folder;
}
