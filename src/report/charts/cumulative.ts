/**
 * Cumulative run time over iterations: one line per system and executor, points coloured by change type (the form of
 * Fig. 2 of the HELIX demo paper and Fig. 4 of the vision paper).
 */
import { changeTypes, type ChangeType } from "../../core/iteration.ts";
import type { RunRow } from "../../core/result-row.ts";
import { chartFrame, type ChartText } from "./frame.ts";
import type { ChartSpec } from "./spec.ts";
import { changeTypeColours, changeTypeTitles, coloursOf, executorDash, ink } from "./theme.ts";
import { formatBytes, formatUs, timeUnitFor } from "./units.ts";

/** One line of a chart: systems whose values coincide in every iteration share it. */
interface Series {
  readonly systems: string[];
  readonly executor: string;
  readonly rows: readonly RunRow[];
}

/** Groups rows into lines, in order of first appearance; equal lines of one executor are merged and keep all names. */
function seriesOf(rows: readonly RunRow[]): readonly Series[] {
  const byLine = new Map<string, RunRow[]>();
  for (const row of rows) {
    const key = `${row.executor}\u0000${row.system}`;
    const line = byLine.get(key);
    if (line === undefined) byLine.set(key, [row]);
    else line.push(row);
  }
  const merged = new Map<string, Series>();
  for (const line of byLine.values()) {
    const first = line[0]!;
    line.sort((a, b) => a.iteration - b.iteration);
    const shape = `${first.executor}\u0000${line.map((row) => `${row.iteration}:${row.cumulativeUs}`).join(",")}`;
    const same = merged.get(shape);
    if (same === undefined) merged.set(shape, { systems: [first.system], executor: first.executor, rows: line });
    else same.systems.push(first.system);
  }
  return [...merged.values()];
}

function labelOf(series: Series): string {
  return series.executor === "bound"
    ? (series.rows.at(-1)?.planner ?? "bound")
    : `${series.systems.join(" = ")} · ${series.executor}`;
}

const lastUs = (series: Series): number => series.rows.at(-1)?.cumulativeUs ?? 0;

function describePoint(label: string, row: RunRow): string {
  if (row.executor === "bound") return `${row.planner} after iteration ${row.iteration}: ${formatUs(row.cumulativeUs)}`;
  const edit = row.changeType === "initial" ? "initial version" : `${row.changeType} edit`;
  return (
    `${label}, iteration ${row.iteration} (${edit}): ${formatUs(row.cumulativeUs)} so far, ${formatUs(row.runUs)} in this one ` +
    `(compute ${formatUs(row.computeUs)}, load ${formatUs(row.loadUs)}, write ${formatUs(row.writeUs)}); ` +
    `${row.computed} computed, ${row.loaded} loaded, ${row.pruned} pruned; ${formatBytes(row.storedBytes)} stored`
  );
}

/**
 * The Vega-Lite specification of a cumulative run-time chart.
 *
 * The vertical axis is in the unit that fits the largest value; `logScale` makes it logarithmic (then a zero would have
 * no place: rows with `cumulativeUs` 0 are left out). Lines are listed slowest first, as they lie in the picture.
 */
export function cumulativeChart(
  rows: readonly RunRow[],
  text: ChartText,
  options: { readonly logScale?: boolean } = {},
): ChartSpec {
  const usable = options.logScale === true ? rows.filter((row) => row.cumulativeUs > 0) : rows;
  const lines = [...seriesOf(usable)].sort((a, b) => lastUs(b) - lastUs(a) || (labelOf(a) < labelOf(b) ? -1 : 1));
  const limitUs = options.logScale === true ? undefined : limitOf(lines);
  const maxUs = limitUs ?? Math.max(0, ...lines.map(lastUs));
  const minUs = Math.min(maxUs, ...usable.map((row) => row.cumulativeUs));
  const unit = timeUnitFor(maxUs);
  const present = changeTypes.filter((type) => usable.some((row) => row.changeType === type));
  const lastIteration = Math.max(0, ...usable.map((row) => row.iteration));

  const values = lines.flatMap((line) =>
    line.rows.map((row) => ({
      line: labelOf(line),
      iteration: row.iteration,
      cumulative: row.cumulativeUs / unit.per,
      change: changeTypeTitles[row.changeType],
      drawn: row.executor !== "bound" && row.cumulativeUs <= (limitUs ?? row.cumulativeUs),
      says: describePoint(labelOf(line), row),
    })),
  );
  const x = {
    field: "iteration",
    type: "quantitative",
    title: "Iteration",
    scale: { nice: false, domain: [0, lastIteration] },
    axis: { values: Array.from({ length: lastIteration + 1 }, (_, i) => i), format: "d", grid: false },
  };
  const y = {
    field: "cumulative",
    type: "quantitative",
    title: `Cumulative run time (${unit.symbol}${options.logScale === true ? ", log scale" : ""})`,
    scale:
      options.logScale === true
        ? { type: "log", nice: false, domain: [(minUs * 0.85) / unit.per, (maxUs * 1.15) / unit.per] }
        : limitUs === undefined
          ? { zero: true, nice: true }
          : { domain: [0, limitUs / unit.per], nice: true },
    axis: { tickCount: 6 },
  };
  return {
    ...chartFrame({ ...text, conditions: [...text.conditions, ...beyond(lines, limitUs)] }),
    data: { values },
    layer: [
      {
        mark: { type: "line", strokeWidth: 2, strokeJoin: "round", aria: false, clip: limitUs !== undefined },
        encoding: {
          x,
          y,
          stroke: {
            field: "line",
            type: "nominal",
            title: "System · executor",
            sort: null,
            scale: { domain: lines.map(labelOf), range: colours(lines) },
            legend: { orient: "right", symbolType: "stroke", symbolSize: 400 },
          },
          strokeDash: {
            field: "line",
            type: "nominal",
            title: "System · executor",
            sort: null,
            scale: { domain: lines.map(labelOf), range: lines.map((line) => executorDash(line.executor)) },
          },
        },
      },
      {
        transform: [{ filter: "datum.drawn" }],
        mark: { type: "point", filled: true, size: 62, stroke: ink.paper, strokeWidth: 1, opacity: 1 },
        encoding: {
          x,
          y,
          fill: {
            field: "change",
            type: "nominal",
            title: "Edit before the iteration",
            sort: null,
            scale: {
              domain: present.map((type: ChangeType) => changeTypeTitles[type]),
              range: present.map((type: ChangeType) => changeTypeColours[type]),
            },
            legend: { orient: "right", symbolType: "circle" },
          },
          description: { field: "says", type: "nominal" },
        },
      },
    ],
  };
}

/** A line this many times above the next one would flatten all others. */
const flattening = 4;

/** Top of a linear axis when the slowest line would flatten the others: a little above the second slowest; else undefined. */
function limitOf(lines: readonly Series[]): number | undefined {
  const [slowest, second] = lines;
  if (slowest === undefined || second === undefined || lines.length < 3) return undefined;
  return lastUs(slowest) > flattening * lastUs(second) ? lastUs(second) * 1.15 : undefined;
}

/** Says which lines leave the plot, and where they end. */
function beyond(lines: readonly Series[], limitUs: number | undefined): readonly string[] {
  if (limitUs === undefined) return [];
  const out = lines.filter((line) => lastUs(line) > limitUs);
  return [`leaves the plot: ${out.map((line) => `${labelOf(line)} (${formatUs(lastUs(line))} in all)`).join(", ")}`];
}

function colours(lines: readonly Series[]): string[] {
  return coloursOf(lines.map(({ systems: [system = ""] }) => system));
}
