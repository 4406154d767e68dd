/** Merges result folders of one experiment: shards from several machines, or a resumed copy. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../executors/store/make-folder.ts";
import { UsageError } from "../core/errors.ts";
import { cellLine, readCells, replaceFile, writeCells, type Cell } from "./cells.ts";
import type { RunRecord } from "./provenance.ts";
import { readRuns } from "./run-lock.ts";

/** What merging gave. */
export interface MergeOutcome {
  readonly cells: number;
  readonly runs: number;
  /** Measured cells that several folders had: the one of the folder named first was kept. */
  readonly repeated: readonly string[];
}

const measured = (cell: Cell): boolean => cell.configuration.executor !== "simulated";

/**
 * Merges `cells.jsonl` and `runs.jsonl` of `folders` into `folder` (which may be one of them). A finished cell wins over a
 * failed one; of measured ones the first named wins.
 *
 * @throws {UsageError} when a folder has no cells, or two folders have simulated cells with one key and different rows
 */
export function mergeResults(folders: readonly string[], folder: string): MergeOutcome {
  const cells = new Map<string, { readonly cell: Cell; readonly from: string }>();
  const repeated: string[] = [];
  const runs = new Map<string, RunRecord>();
  for (const from of folders) {
    const file = join(from, "cells.jsonl");
    if (!existsSync(file)) throw new UsageError(`merge: "${from}" has no cells.jsonl; expected a results folder`);
    for (const cell of readCells(file).cells.values()) {
      const other = cells.get(cell.key);
      if (other === undefined || (other.cell.status !== "done" && cell.status === "done")) {
        cells.set(cell.key, { cell, from });
        continue;
      }
      if (cell.status !== "done" || cellLine(other.cell) === cellLine(cell)) continue;
      if (!measured(cell))
        throw new UsageError(
          `merge: cell ${cell.key} of ${cell.configuration.experiment} differs between ${other.from} and ${from}; one configuration must give the same rows: run one of them again with --force`,
        );
      repeated.push(cell.key);
    }
    for (const run of readRuns(join(from, "runs.jsonl"))) runs.set(JSON.stringify(run), run);
  }
  const experiments = new Set([...cells.values()].map(({ cell }) => cell.configuration.experiment));
  if (experiments.size > 1)
    throw new UsageError(
      `merge: folders of different experiments (${[...experiments].join(", ")}); merge one at a time`,
    );
  makeFolder(folder);
  writeCells(
    join(folder, "cells.jsonl"),
    [...cells.values()].map(({ cell }) => cell),
  );
  const inOrder = [...runs.values()].sort((a, b) =>
    a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0,
  );
  replaceFile(join(folder, "runs.jsonl"), inOrder.map((run) => `${JSON.stringify(run)}\n`).join(""));
  return { cells: cells.size, runs: runs.size, repeated };
}

/** The experiment whose cells a folder holds; undefined for an empty one. */
export function experimentIn(folder: string): string | undefined {
  for (const cell of readCells(join(folder, "cells.jsonl")).cells.values()) return cell.configuration.experiment;
  return undefined;
}
