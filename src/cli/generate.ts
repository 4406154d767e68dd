import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import { UsageError } from "../core/errors.ts";
import { problemToJson } from "../core/problem-format.ts";
import type { ReuseProblem } from "../core/problem.ts";
import { writeTrace } from "../traces/write.ts";
import { formatTrace } from "../traces/format/parse-text.ts";
import { openmlStream } from "../workloads/openml/stream.ts";
import { drawProblem, problemFamilyIds, type FamilyKnobs } from "../workloads/synthetic/families.ts";
import { realismOf, type RealismReport } from "../workloads/synthetic/realism.ts";
import type { Command, Effects, OptionValues } from "./command.ts";
import { unknownId } from "./nearest.ts";
import { type Cell, type CellRecord, renderRecords } from "./print-records.ts";
import { openProgress } from "./progress.ts";

const stream = "openml-like";

/** `reuselab generate FAMILY`: synthetic planning problems, one per line, or a synthetic trace; the same seed gives the same bytes. */
export const command: Command = {
  name: "generate",
  summary: "draw synthetic problems or traces, and say how realistic they are",
  arguments: "<family>",
  options: [
    { flags: "--count <k>", description: `number of problems; runs of ${stream} (default: 1, of ${stream} 2000)` },
    { flags: "--nodes <n>", description: "nodes per problem (default: drawn as the family does)" },
    { flags: "--query <mode>", description: "outputs: leaves, few or one (default: the family's)" },
    { flags: "--stored <share>", description: "share of stored nodes, 0 to 1 (default: mixed)" },
    { flags: "--load-scale <x>", description: "median load cost over median compute cost (default: mixed)" },
    { flags: "--joins <share>", description: "family collab: share of nodes that join several, 0 to 1" },
    { flags: "--benchmark", description: `${stream}: run the best earlier pipeline again with every run` },
    { flags: "--seed <n>", description: "seed", default: "1" },
    { flags: "--realism", description: "print shape and cost distributions instead of the problems" },
    { flags: "--out <file>", description: "write to a file (a trace ending in .gz is compressed)" },
  ],
  async run({ values, positionals }, effects) {
    const name = positionals[0] ?? "";
    const seed = whole(values, "seed", 0) ?? 1;
    const out = typeof values["out"] === "string" ? values["out"] : undefined;
    if (name === stream) {
      if (values["realism"] === true)
        throw new UsageError(`generate ${stream}: --realism is for problems; of a trace, reuselab stats says it`);
      const trace = openmlStream(seed, {
        pipelines: whole(values, "count", 1) ?? 2_000,
        benchmark: values["benchmark"] === true,
      });
      if (out === undefined) effects.stdout(formatTrace(trace));
      else await writeTrace(out, trace.header, trace.iterations);
      return 0;
    }
    const family = problemFamilyIds.find((id) => id === name);
    if (family === undefined)
      throw unknownId("family", name, [...problemFamilyIds, stream], "reuselab generate --help");
    const knobs = knobsOf(values, family);
    const count = whole(values, "count", 1) ?? 1;
    const progress = openProgress(effects, values, "generate", count);
    function* drawn(): Generator<ReuseProblem, void, undefined> {
      for (let index = 0; index < count; index++) {
        effects.signal.throwIfAborted();
        yield drawProblem(family!, seed, index, knobs);
        progress.update(index + 1);
      }
    }
    try {
      if (values["realism"] === true) effects.stdout(rendered(family, realismOf(drawn()), values["format"]));
      else await writeProblems(drawn(), out, effects);
    } finally {
      progress.stop();
    }
    return 0;
  },
};

async function writeProblems(
  problems: Iterable<ReuseProblem>,
  out: string | undefined,
  effects: Effects,
): Promise<void> {
  const file = out === undefined ? undefined : createWriteStream(out);
  try {
    for (const problem of problems) {
      const ids = Array.from({ length: problem.nodeCount }, (_, v) => `n${v}`);
      const line = `${problemToJson({ problem, ids })}\n`;
      if (file === undefined) effects.stdout(line);
      else if (!file.write(line)) await once(file, "drain");
    }
  } finally {
    if (file !== undefined) {
      file.end();
      await finished(file);
    }
  }
}

function rendered(family: string, report: RealismReport, format: unknown): string {
  if (format === "json") return `${JSON.stringify({ family, ...report })}\n`;
  const rows: CellRecord[] = [{ quantity: "family", value: family }];
  for (const [name, value] of Object.entries(report) as [string, unknown][]) {
    if (typeof value !== "object" || value === null) rows.push({ quantity: name, value: shown(value) });
    else
      for (const [part, one] of Object.entries(value))
        rows.push({
          quantity: Array.isArray(value) ? `${name} ${part}${part === "3" ? " and more" : ""}` : `${name}.${part}`,
          value: shown(one),
        });
  }
  return renderRecords(rows, ["quantity", "value"], format);
}

function shown(value: unknown): Cell {
  if (typeof value !== "number") return String(value);
  return Number.isInteger(value) ? value : Math.round(value * 10_000) / 10_000;
}

function knobsOf(values: OptionValues, family: string): FamilyKnobs {
  const query = values["query"];
  if (query !== undefined && query !== "leaves" && query !== "few" && query !== "one")
    throw new UsageError(`--query ${String(query)}: expected leaves, few or one`);
  if (values["joins"] !== undefined && family !== "collab")
    throw new UsageError(`--joins: is for family collab; ${family} has the joins of its shape`);
  if (values["benchmark"] === true) throw new UsageError(`--benchmark: is for ${stream}`);
  const knobs = {
    nodes: whole(values, "nodes", 1),
    query,
    storedShare: share(values, "stored"),
    loadScale: atLeastZero(values, "loadScale"),
    joins: share(values, "joins"),
  };
  return Object.fromEntries(Object.entries(knobs).filter(([, value]) => value !== undefined));
}

function whole(values: OptionValues, name: string, least: number): number | undefined {
  if (values[name] === undefined) return undefined;
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < least || values[name] === "")
    throw new UsageError(`--${name} ${String(values[name])}: expected a whole number of at least ${least}`);
  return value;
}

function atLeastZero(values: OptionValues, name: string): number | undefined {
  if (values[name] === undefined) return undefined;
  const value = Number(values[name]);
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY) || values[name] === "")
    throw new UsageError(`--${name} ${String(values[name])}: expected a number of at least 0`);
  return value;
}

function share(values: OptionValues, name: string): number | undefined {
  const value = atLeastZero(values, name);
  if (value !== undefined && value > 1) throw new UsageError(`--${name} ${value}: expected a share from 0 to 1`);
  return value;
}
