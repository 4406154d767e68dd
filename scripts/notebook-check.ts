/** A source check of notebooks: everything they use must be imported by name from what is installed. */
import { transpile } from "@observablehq/notebook-kit";

/** Names the kit itself defines without loading anything from outside. */
const ownNames = new Set([
  "display",
  "view",
  "invalidation",
  "visibility",
  "width",
  "now",
  "dark",
  "Generators",
  "Mutable",
]);

/** A cell as the kit parses it. */
export interface NotebookCell {
  readonly id: number;
  readonly mode: string;
  readonly value: string;
}

/**
 * Complaints about a notebook, none if it is fine: a name that no cell defines (the kit would load `Plot`, `d3`, `html` and the like
 * from a CDN at run time), an import from a CDN, a cell that is not a module or plain Markdown.
 */
export function checkNotebook(cells: readonly NotebookCell[]): readonly string[] {
  const complaints: string[] = [];
  const defined = new Set<string>();
  const used: { readonly id: number; readonly name: string }[] = [];
  for (const { id, mode, value } of cells) {
    if (mode === "md") {
      if (value.includes("${"))
        complaints.push(`cell ${id}: Markdown with an expression loads code at run time; use a module cell`);
      continue;
    }
    if (mode !== "js" && mode !== "ts") {
      complaints.push(`cell ${id}: is of kind ${mode}; expected a module or Markdown`);
      continue;
    }
    for (const [, from] of value.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']/gu))
      if (/^(?:npm:|jsr:|observable:|https?:|\/\/)/u.test(from ?? ""))
        complaints.push(
          `cell ${id}: imports "${from}"; expected a package that is installed, or a file of this repository`,
        );
    for (const [address] of value.matchAll(/https?:\/\/[^\s"'`]+/gu))
      complaints.push(`cell ${id}: names the address ${address}; a notebook fetches nothing`);
    const { inputs = [], outputs = [] } = transpile({ id, mode, value } as Parameters<typeof transpile>[0]);
    for (const name of outputs) defined.add(name);
    for (const name of inputs) used.push({ id, name });
  }
  for (const { id, name } of used)
    if (!defined.has(name) && !ownNames.has(name))
      complaints.push(
        `cell ${id}: "${name}" is not defined in the notebook; import it explicitly, the kit's own comes from a CDN`,
      );
  return complaints;
}
