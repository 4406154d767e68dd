import { catalogue, cellOf, type Entry, kindOf, plugInEntries } from "./catalogue.ts";
import type { Command } from "./command.ts";
import { plugInOption, plugInsOf } from "./plug-in-option.ts";
import { renderRecords } from "./print-records.ts";

/** `reuselab list [kind]`: an array of things with an id; without a kind, an object of all kinds. */
export const command: Command = {
  name: "list",
  summary: "list planners, materializers, systems, workloads, executors, experiments, traces",
  arguments: "[kind]",
  options: [plugInOption],
  async run({ values, positionals }, effects) {
    const [wanted] = positionals;
    const kinds = wanted === undefined ? Object.keys(catalogue) : [kindOf(wanted)];
    const own = plugInEntries(await plugInsOf(values));
    const found: [string, readonly Entry[]][] = [];
    for (const kind of kinds) found.push([kind, [...((await catalogue[kind]?.load()) ?? []), ...(own[kind] ?? [])]]);
    effects.stdout(wanted === undefined ? renderAll(found, values["format"]) : renderKind(found, values["format"]));
    return 0;
  },
};

type Found = readonly [string, readonly Entry[]];

function renderKind(found: readonly Found[], format: unknown): string {
  const [kind, entries] = found[0] ?? ["", []];
  if (format === "json") return `${JSON.stringify(entries)}\n`;
  if (format === "ndjson") return entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  return table(kind, entries, format);
}

function renderAll(found: readonly Found[], format: unknown): string {
  if (format === "json") return `${JSON.stringify(Object.fromEntries(found))}\n`;
  if (format === "ndjson")
    return found.flatMap(([of, entries]) => entries.map((entry) => `${JSON.stringify({ of, ...entry })}\n`)).join("");
  if (format === "csv") {
    const rows = found.flatMap(([of, entries]) => entries.map(({ id, title }) => ({ of, id, title })));
    return renderRecords(rows, ["of", "id", "title"], format);
  }
  return found
    .map(([kind, entries]) => `${format === "md" ? "## " : ""}${kind}\n\n${table(kind, entries, format)}`)
    .join("\n");
}

function table(kind: string, entries: readonly Entry[], format: unknown): string {
  const columns = catalogue[kind]?.columns ?? ["id", "title"];
  const rows = entries.map((entry) => Object.fromEntries(columns.map((column) => [column, cellOf(entry[column])])));
  return renderRecords(rows, columns, format);
}
