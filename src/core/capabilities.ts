/** What traces offer and policies need: the one check that decides whether a pair may run (DESIGN §4). */
import type { TraceHeader } from "./iteration.ts";
import type { Capability, PlugIn } from "./plug-in.ts";

/** What the nodes of a trace were seen to have. */
export interface SeenFields {
  readonly columns: boolean;
  readonly quality: boolean;
  /** Every node with parents has a `loadUs` or `loadHotUs`. */
  readonly loads: boolean;
}

/**
 * What a recorded trace offers. `frequency` is always there, because the loop counts occurrences, and so is `future`, because
 * a recorded trace is known whole; `measured-load` needs load times on every node with parents that the header does not list
 * as imputed; what the header requires (`structured-prediction`) a policy may need.
 */
export function traceOffers(header: Pick<TraceHeader, "requires" | "source">, seen: SeenFields): readonly Capability[] {
  const imputed = header.source?.imputed ?? [];
  const isMeasured = seen.loads && !imputed.includes("loadUs") && !imputed.includes("loadHotUs");
  return [
    ...(seen.columns ? (["columns"] as const) : []),
    ...(seen.quality ? (["quality"] as const) : []),
    "frequency",
    ...(isMeasured ? (["measured-load"] as const) : []),
    "future",
    ...(header.requires?.includes("structured-prediction") === true ? (["structured-prediction"] as const) : []),
  ];
}

/** Why policies cannot run on what is offered: each with what it lacks, joined; undefined if needs ⊆ offers for all. */
export function unmetNeeds(
  policies: readonly Pick<PlugIn, "id" | "needs">[],
  offers: readonly Capability[],
): string | undefined {
  const reasons = policies.flatMap(({ id, needs = [] }) => {
    const missing = needs.filter((need) => !offers.includes(need));
    return missing.length === 0 ? [] : [`${id} needs ${missing.join(", ")}`];
  });
  if (reasons.length === 0) return undefined;
  return `${reasons.join("; ")}; there is ${offers.length === 0 ? "nothing" : offers.join(", ")}`;
}
