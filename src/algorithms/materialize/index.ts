/** The registry of materializers: command line, documentation and contract tests read it. A new one is one line here. */
import type { Materializer } from "../../core/materializer.ts";
import { always } from "./always.ts";
import { collabStorageAware } from "./collab-storage-aware.ts";
import { collabUtility } from "./collab-utility.ts";
import { helixCollab } from "./helix-collab.ts";
import { helixDemo } from "./helix-demo.ts";
import { helixHilmlLiteral } from "./helix-hilml-literal.ts";
import { helixOnline } from "./helix-online.ts";
import { never } from "./never.ts";
import { topQuality } from "./top-quality.ts";

/** Every built-in materializer by id. */
export const materializers = {
  never,
  always,
  "helix-demo": helixDemo,
  "helix-online": helixOnline,
  "helix-collab": helixCollab,
  "helix-hilml-literal": helixHilmlLiteral,
  "collab-utility": collabUtility,
  "collab-storage-aware": collabStorageAware,
  "top-quality": topQuality,
} as const satisfies Readonly<Record<string, Materializer>>;

/** Id of a built-in materializer. */
export type MaterializerId = keyof typeof materializers;

/** All ids, in registry order. */
export const materializerIds = Object.keys(materializers) as readonly MaterializerId[];

/** Looks a materializer up by any text; undefined if there is none of that id. */
export function materializerById(id: string): Materializer | undefined {
  return Object.hasOwn(materializers, id) ? materializers[id as MaterializerId] : undefined;
}
