/** Compares two result folders of one experiment, cell by cell: what a change of code or options did to its results. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../core/errors.ts";
import { canonicalJson, readCells, type Cell, type Row } from "./cells.ts";
import { summaryOf, type ComparisonSummary } from "./run-compare.ts";

/** A cell both folders have. */
export interface ComparedCell {
  /** Its parameters as `name=value`, without the budget. */
  readonly trace: string;
  readonly budget: string;
  readonly aUs: number;
  readonly bUs: number;
  /** aUs ÷ bUs: below 1, A is faster. */
  readonly ratio: number;
  /** Largest bytes stored; 0 where the rows do not say. */
  readonly aBytes: number;
  readonly bBytes: number;
}

/** Two folders, compared. */
export interface FolderComparison extends ComparisonSummary {
  readonly a: string;
  readonly b: string;
  readonly experiment: string;
  readonly workloads: readonly ComparedCell[];
  /** Cells with equal rows, byte for byte. */
  readonly identical: number;
  /** Cells that stand in one folder only, did not finish in one, or have no time; with the reason. */
  readonly leftOut: readonly { readonly trace: string; readonly system: string; readonly reason: string }[];
}

/** True if a folder holds results. */
export function isResultFolder(path: string): boolean {
  return existsSync(join(path, "cells.jsonl"));
}

const numberIn = (row: Row | undefined, name: string): number | undefined => {
  const value = row?.[name];
  return typeof value === "number" ? value : undefined;
};

/** Run time of a cell: Σ `totalUs`, else the last `cumulativeUs`, else Σ `runUs`; undefined where its rows have none of them. */
function timeOf(rows: readonly Row[]): number | undefined {
  const sumOf = (name: string): number | undefined => {
    const values = rows.map((row) => numberIn(row, name));
    return values.length === 0 || values.includes(undefined)
      ? undefined
      : values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  };
  return sumOf("totalUs") ?? numberIn(rows.at(-1), "cumulativeUs") ?? sumOf("runUs");
}

const bytesOf = (rows: readonly Row[]): number => Math.max(0, ...rows.map((row) => numberIn(row, "storedBytes") ?? 0));

function nameOf({ configuration: { params, seed } }: Cell): string {
  const named = Object.entries(params).filter(([name]) => name !== "budget");
  return [...named, ["seed", seed] as const].map(([name, value]) => `${name}=${String(value)}`).join(" ");
}

function read(folder: string): ReadonlyMap<string, Cell> {
  const cells = new Map<string, Cell>();
  for (const cell of readCells(join(folder, "cells.jsonl")).cells.values()) {
    const { experiment, params, seed, executor } = cell.configuration;
    // Versions of code and inputs are what may differ between the folders.
    cells.set(canonicalJson({ experiment, params, seed, executor }), cell);
  }
  return cells;
}

/**
 * Compares two result folders on the cells both finished, paired by experiment, parameters, seed and executor.
 * @throws {UsageError} when one has no cells, or they hold different experiments
 * @throws {StoreError} at a bad line
 */
export function compareFolders(a: string, b: string): FolderComparison {
  const [left, right] = [read(a), read(b)];
  const ids = new Set([...left.values(), ...right.values()].map(({ configuration }) => configuration.experiment));
  if (left.size === 0 || right.size === 0)
    throw new UsageError(`compare: "${left.size === 0 ? a : b}" has no cells; expected a results folder of a run`);
  if (ids.size > 1)
    throw new UsageError(
      `compare: "${a}" and "${b}" hold different experiments (${[...ids].join(", ")}); compare one experiment with itself`,
    );
  const workloads: ComparedCell[] = [];
  const leftOut: { trace: string; system: string; reason: string }[] = [];
  let identical = 0;
  for (const [id, cell] of [...left].sort(([x], [y]) => (x < y ? -1 : 1))) {
    const other = right.get(id);
    const trace = nameOf(cell);
    const drop = (system: string, reason: string): void => void leftOut.push({ trace, system, reason });
    if (other === undefined) drop(b, "has no such cell");
    else if (cell.status !== "done") drop(a, cell.error?.message ?? cell.status);
    else if (other.status !== "done") drop(b, other.error?.message ?? other.status);
    else {
      if (canonicalJson(cell.rows) === canonicalJson(other.rows)) identical++;
      const [aUs, bUs] = [timeOf(cell.rows), timeOf(other.rows)];
      if (aUs === undefined || aUs <= 0) drop(a, "its rows have no run time");
      else if (bUs === undefined || bUs <= 0) drop(b, "its rows have no run time");
      else {
        const bytes = { aBytes: bytesOf(cell.rows), bBytes: bytesOf(other.rows) };
        const budget = String(cell.configuration.params["budget"] ?? "");
        workloads.push({ trace, budget, aUs, bUs, ratio: aUs / bUs, ...bytes });
      }
    }
  }
  for (const [id, cell] of right)
    if (!left.has(id)) leftOut.push({ trace: nameOf(cell), system: a, reason: "has no such cell" });
  return { a, b, experiment: [...ids].join(), workloads, identical, leftOut, ...summaryOf(workloads) };
}
