import { UsageError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { catalogue, cellOf, type Entry, kindOf, plugInEntries } from "./catalogue.ts";
import type { Command } from "./command.ts";
import { plugInOption, plugInsOf } from "./plug-in-option.ts";
import { renderRecords } from "./print-records.ts";

/** `reuselab describe [kind] ID`: all that is known of one thing. */
export const command: Command = {
  name: "describe",
  summary: "say what one of them is, and its parameters",
  arguments: "<kind-or-id> [id]",
  options: [plugInOption],
  async run({ values, positionals }, effects) {
    const [first = "", second] = positionals;
    const id = second ?? first;
    const kinds = second === undefined ? Object.keys(catalogue) : [kindOf(first)];
    const own = plugInEntries(await plugInsOf(values));
    const known: string[] = [];
    const found: { readonly kind: string; readonly entry: Entry }[] = [];
    for (const kind of kinds) {
      const entries = [...((await catalogue[kind]?.load()) ?? []), ...(own[kind] ?? [])];
      known.push(...entries.map((entry) => entry.id));
      found.push(...entries.filter((entry) => entry.id === id).map((entry) => ({ kind, entry })));
    }
    const [match, ...others] = found;
    if (match === undefined)
      throw new UsageError(
        `"${id}": is none of the ${second === undefined ? "ids" : kinds.join("")} there are; ${suggestion(id, known)}; see: reuselab list`,
      );
    if (others.length > 0 && values["quiet"] !== true)
      effects.stderr(`also: ${others.map(({ kind }) => `describe ${kind} ${id}`).join(", ")}\n`);
    const facts = match.kind === "workloads" ? await factsOf(match.entry.id) : {};
    effects.stdout(render(match.kind, { ...match.entry, ...facts }, values["format"]));
    return 0;
  },
};

/** What a built-in workload says of itself; too dear to be made for every list. */
async function factsOf(id: string): Promise<Readonly<Record<string, unknown>>> {
  const { workloadById } = await import("../workloads/index.ts");
  return workloadById(id)?.facts?.() ?? {};
}

function suggestion(id: string, known: readonly string[]): string {
  const valid = [...new Set(known)];
  return valid.length === 0 ? "there are none yet" : `expected ${nearest(id, valid).join(", ")}`;
}

function render(kind: string, entry: Entry, format: unknown): string {
  const whole = { is: singular(kind), ...entry };
  if (format === "json" || format === "ndjson") return `${JSON.stringify(whole)}\n`;
  const rows = Object.entries(whole).map(([field, value]) => ({ field, value: cellOf(value) }));
  return renderRecords(
    rows.map(({ field, value }) => ({ field, value: value === null ? null : String(value) })),
    ["field", "value"],
    format,
  );
}

function singular(kind: string): string {
  return kind.replace(/s$/u, "");
}
