/** Result folders as reports read them. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../core/errors.ts";
import { readCells } from "../harness/cells.ts";
import { readRuns } from "../harness/run-lock.ts";
import type { ResultMeta } from "../harness/run-derived.ts";
import type { ChartSpec } from "./charts/spec.ts";
import type { PageFigure, PageResult } from "./page.ts";
import { rankingTables } from "./ranking.ts";

/** Reads a results folder for a report. @throws {UsageError} when it is none or of a newer format */
export function readResultFolder(folder: string): PageResult {
  const file = join(folder, "meta.json");
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new UsageError(`results folder "${folder}": does not exist; expected one that \`reuselab run\` wrote`);
  if (!existsSync(file))
    throw new UsageError(`results folder "${folder}": has no meta.json; expected one that \`reuselab run\` wrote`);
  const meta = parseMeta(readFileSync(file, "utf8"), file);
  const text = (name: string): string => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  };
  return {
    meta,
    runs: readRuns(join(folder, "runs.jsonl")),
    figures: meta.charts.map((name) => figureOf(folder, name, text(`${name}.svg`))).filter(({ svg }) => svg !== ""),
    rowsCsv: text("rows.csv"),
    cells: text("cells.jsonl"),
    rankings: meta.tables.some(({ title }) => /ranking|leaderboard/iu.test(title))
      ? []
      : rankingTables(readCells(join(folder, "cells.jsonl")).cells.values()),
  };
}

function figureOf(folder: string, name: string, svg: string): PageFigure {
  const specFile = join(folder, `${name}.vl.json`);
  const pngFile = join(folder, `${name}.png`);
  return {
    name,
    svg,
    ...(existsSync(specFile) ? { spec: JSON.parse(readFileSync(specFile, "utf8")) as ChartSpec } : {}),
    ...(existsSync(pngFile) ? { png: readFileSync(pngFile) } : {}),
  };
}

function parseMeta(text: string, file: string): ResultMeta {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new UsageError(`${file}: is not JSON; run the experiment again`);
  }
  const meta = raw as Partial<ResultMeta> | null;
  if (meta?.format !== "reuselab.results") throw new UsageError(`${file}: format is not "reuselab.results"`);
  if (meta.version !== 1)
    throw new UsageError(`${file}: has version ${String(meta.version)}; this reuselab reads version 1: update it`);
  // Fields that came later have defaults, so that folders of earlier versions stay readable.
  return { tables: [], exclusions: [], failures: [], claims: [], charts: [], ...meta } as unknown as ResultMeta;
}
