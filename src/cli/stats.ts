import { UsageError } from "../core/errors.ts";
import type { TraceIteration } from "../core/iteration.ts";
import { TraceChecker } from "../traces/format/trace-checker.ts";
import { readTrace } from "../traces/read.ts";
import { traceStatistics, type TraceStatistics } from "../traces/statistics.ts";
import type { Command } from "./command.ts";
import { type Cell, type CellRecord, renderRecords } from "./print-records.ts";
import { openProgress } from "./progress.ts";

/** `reuselab stats TRACE…`: what each trace holds, streaming. */
export const command: Command = {
  name: "stats",
  summary: "summarise traces",
  arguments: "<trace...>",
  options: [],
  async run({ values, positionals }, effects) {
    if (positionals.length === 0) throw new UsageError("stats: no trace given; expected one or more trace files");
    const all: TraceStatistics[] = [];
    const progress = openProgress(effects, values, "stats", positionals.length);
    const watched = async function* (source: AsyncIterable<TraceIteration>): AsyncGenerator<TraceIteration> {
      for await (const iteration of source) {
        effects.signal.throwIfAborted();
        progress.update(all.length, `iteration ${iteration.iteration}`);
        yield iteration;
      }
    };
    try {
      for (const path of positionals) {
        const checker = new TraceChecker();
        const { header, iterations } = await readTrace(path, { checker });
        all.push(await traceStatistics(header, watched(iterations), checker));
      }
    } finally {
      progress.stop();
    }
    effects.stdout(render(all, values["format"]));
    return 0;
  },
};

function render(all: readonly TraceStatistics[], format: unknown): string {
  if (format === "json") return `${JSON.stringify(all)}\n`;
  if (format === "ndjson") return all.map((one) => `${JSON.stringify(one)}\n`).join("");
  const flat = all.map(flattened);
  const names = Object.keys(flat[0] ?? {});
  if (format === "csv") return renderRecords(flat, names, format);
  // For people: one column per trace, one line per statistic.
  const [first, ...others] = names;
  const columns = flat.map((row, i) => `${String(row[first ?? ""])}${flat.length > 1 ? ` (${i + 1})` : ""}`);
  const rows = others.map((name): CellRecord => {
    const cells: [string, Cell][] = [["statistic", name]];
    for (const [i, row] of flat.entries()) cells.push([columns[i] ?? "", row[name]]);
    return Object.fromEntries(cells);
  });
  return renderRecords(rows, ["statistic", ...columns], format);
}

/** Nested fields become `computeUs.p50`; lists become text. */
function flattened(statistics: TraceStatistics): CellRecord {
  const entries: [string, Cell][] = [];
  for (const [name, value] of Object.entries(statistics) as [string, unknown][]) {
    if (Array.isArray(value)) entries.push([name, value.join(" ")]);
    else if (typeof value === "object" && value !== null)
      for (const [inner, cell] of Object.entries(value)) entries.push([`${name}.${inner}`, cell as Cell]);
    else entries.push([name, value as Cell]);
  }
  return Object.fromEntries(entries);
}
