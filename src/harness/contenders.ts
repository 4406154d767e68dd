/** Systems as experiments and commands name them: built in, from plug-ins, or a planner with a materializer (`P+M`). */
import { materializerById, materializerIds } from "../algorithms/materialize/index.ts";
import { reusePlannerById, reusePlannerIds } from "../algorithms/reuse/index.ts";
import { pairSystem, systemById, systemIds, systems } from "../baselines/index.ts";
import { UsageError } from "../core/errors.ts";
import type { Materializer } from "../core/materializer.ts";
import { nearest } from "../core/nearest.ts";
import type { PlugIn, ReusePlanner } from "../core/plug-in.ts";
import type { SystemSpec } from "../core/system.ts";
import { guardedMaterializer, guardedPlanner } from "./plug-ins/guarded.ts";
import type { LoadedPlugIns } from "./plug-ins/loaded.ts";

/** HELIX without purging: comparisons show the better setting, the other stands in the table. */
export const helixKeep: SystemSpec = {
  ...systems.helix,
  id: "helix-keep",
  title: "HELIX without purge",
  switches: { ...systems.helix.switches, purge: "none" },
};

type Parts = Pick<LoadedPlugIns, "planners" | "materializers">;

/** Systems that plug-ins bring: a planner with HELIX's materializer, a materializer with the exact planner. */
export function plugInSystems({ planners, materializers }: Parts): readonly SystemSpec[] {
  return [
    ...[...planners.keys()].map((planner) => pairSystem(planner, systems.helix.materializer)),
    ...[...materializers.keys()].map((materializer) => pairSystem(systems.helix.planner, materializer)),
  ];
}

/** The planner of an id, built in or a plug-in's; undefined if there is none. */
export function plannerOf(id: string, { planners }: Parts): ReusePlanner | undefined {
  return reusePlannerById(id) ?? planners.get(id);
}

/** The materializer of an id, built in or a plug-in's; undefined if there is none. */
export function materializerOf(id: string, { materializers }: Parts): Materializer | undefined {
  return materializerById(id) ?? materializers.get(id);
}

/** True for the id of a system that needs no plug-in. */
export const isSystem = (id: string): boolean => id === helixKeep.id || systemById(id) !== undefined;

/** A system by id, or the pair `P+M`. @throws {UsageError} naming the nearest ids */
export function systemOf(id: string, plugIns: Parts): SystemSpec {
  const known = id === helixKeep.id ? helixKeep : systemById(id);
  if (known !== undefined) return known;
  const [planner = "", materializer, more] = id.split("+");
  if (materializer === undefined || more !== undefined) throw unknown("system", id, systemIds);
  if (plannerOf(planner, plugIns) === undefined)
    throw unknown("planner", planner, [...reusePlannerIds, ...plugIns.planners.keys()]);
  if (materializerOf(materializer, plugIns) === undefined)
    throw unknown("materializer", materializer, [...materializerIds, ...plugIns.materializers.keys()]);
  return pairSystem(planner, materializer);
}

function unknown(kind: string, id: string, ids: readonly string[]): UsageError {
  return new UsageError(
    `unknown ${kind} "${id}"; nearest: ${nearest(id, ids).join(", ")}; see: reuselab list ${kind}s`,
  );
}

/** Planner and materializer of a system. */
export function partsOf(system: SystemSpec, plugIns: Parts): readonly PlugIn[] {
  return [plannerOf(system.planner, plugIns), materializerOf(system.materializer, plugIns)].filter(
    (part) => part !== undefined,
  );
}

/** Planner and materializer of a system where a plug-in brought them, guarded, as a cell takes them. */
export function plugInParts(
  system: SystemSpec,
  plugIns: Parts,
): { readonly planner?: ReusePlanner; readonly materializer?: Materializer } {
  const planner = plugIns.planners.get(system.planner);
  const materializer = plugIns.materializers.get(system.materializer);
  return {
    ...(planner === undefined ? {} : { planner: guardedPlanner(planner) }),
    ...(materializer === undefined ? {} : { materializer: guardedMaterializer(materializer) }),
  };
}
