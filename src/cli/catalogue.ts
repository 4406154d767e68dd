/** Everything that has an id, by kind: what `list` and `describe` show. Each kind's registry is loaded when it is asked for. */
import { z } from "zod";
import { UsageError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { PlugIn, ReusePlanner } from "../core/plug-in.ts";
import type { Workload } from "../core/workload.ts";
import type { LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import type { Cell } from "./print-records.ts";

/** A thing with an id; further fields depend on its kind. */
export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly [field: string]: unknown;
}

/** A kind of things. */
export interface CatalogueKind {
  /** Fields shown in tables, `id` and `title` first. */
  readonly columns: readonly string[];
  load(): Promise<readonly Entry[]>;
}

const plannerEntry = (planner: PlugIn & Partial<Pick<ReusePlanner, "complexity" | "exact" | "source">>): Entry =>
  plugInEntry(planner, {
    complexity: planner.complexity ?? null,
    exact: planner.exact ?? false,
    source: planner.source ?? null,
  });

const materializerEntry = (
  materializer: PlugIn & { readonly kind: string; readonly decideAt?: string; readonly ignoresBudget?: true },
): Entry =>
  plugInEntry(materializer, {
    kind: materializer.kind,
    decideAt: materializer.decideAt ?? "end of iteration",
    ignoresBudget: materializer.ignoresBudget ?? false,
  });

const workloadEntry = (workload: Workload): Entry =>
  plugInEntry(workload, { domain: workload.domain, dataset: workload.dataset, requires: workload.requires ?? [] });

/** What `--plugin` files brought, by kind, with the same fields as what is built in. */
export function plugInEntries(plugIns: LoadedPlugIns): Readonly<Record<string, readonly Entry[]>> {
  const { planners, materializers, workloads, executors, experiments } = plugIns;
  return {
    planners: [...planners.values()].map(plannerEntry),
    materializers: [...materializers.values()].map(materializerEntry),
    workloads: [...workloads.values()].map(workloadEntry),
    executors: [...executors.values()].map((executor) => plugInEntry(executor, {})),
    experiments: [...experiments.values()].map(({ id, title, reproduces, params }) => ({
      id,
      title,
      reproduces,
      grid: params,
    })),
  };
}

/** The kinds in the order in which `list` shows them. */
export const catalogue: Readonly<Record<string, CatalogueKind>> = {
  planners: {
    columns: ["id", "title", "complexity", "exact", "source"],
    async load() {
      const { reusePlanners } = await import("../algorithms/reuse/index.ts");
      return Object.values<PlugIn>(reusePlanners).map(plannerEntry);
    },
  },
  materializers: {
    columns: ["id", "title", "kind", "decideAt"],
    async load() {
      const { materializers } = await import("../algorithms/materialize/index.ts");
      return Object.values<Parameters<typeof materializerEntry>[0]>(materializers).map(materializerEntry);
    },
  },
  systems: {
    columns: ["id", "title", "planner", "materializer", "source"],
    async load() {
      const { systems } = await import("../baselines/index.ts");
      return Object.values(systems).map((system) =>
        Object.assign({ id: system.id, title: system.title, source: null, lacks: [], explicitOnly: false }, system),
      );
    },
  },
  workloads: {
    columns: ["id", "title", "domain", "dataset", "requires"],
    async load() {
      const { workloads } = await import("../workloads/index.ts");
      return Object.values<Workload>(workloads).map(workloadEntry);
    },
  },
  executors: {
    columns: ["id", "title", "measured", "needs"],
    // Written down here, so that listing them loads no engine.
    load: async () => [
      { id: "simulated", title: "Virtual clock: costs from a trace", measured: false, needs: [] },
      { id: "duckdb", title: "DuckDB, embedded", measured: true, needs: ["@duckdb/node-api"] },
      { id: "spark", title: "Apache Spark 4 over Spark Connect", measured: true, needs: ["Java 17", "Spark 4"] },
    ],
  },
  experiments: {
    columns: ["id", "title", "group", "reproduces"],
    async load() {
      const { experiments } = await import("../../experiments/registry.ts");
      return experiments.map(({ id, title, group, reproduces, params, claims }) => ({
        id,
        title,
        group: group ?? null,
        reproduces,
        grid: params,
        claims: claims.map(({ id: claim }) => claim),
      }));
    },
  },
  traces: {
    columns: ["id", "title", "domain", "executor", "dataset"],
    load: loadTraces,
  },
};

async function loadTraces(): Promise<readonly Entry[]> {
  const { TraceLibrary } = await import("../harness/run-traces.ts");
  const { readTrace } = await import("../traces/read.ts");
  const { TraceSurvey } = await import("../simulator/trace-facts.ts");
  const { traceOffers } = await import("../core/capabilities.ts");
  const entries: Entry[] = [];
  for (const { name, path, scale } of new TraceLibrary().list()) {
    const { header, iterations } = await readTrace(path);
    const survey = new TraceSurvey();
    // The first version tells what nodes have; the whole trace is checked when it is replayed.
    for await (const iteration of iterations) {
      survey.add(iteration);
      break;
    }
    entries.push({
      id: name,
      title: header.name,
      domain: header.domain ?? null,
      executor: header.source?.executor ?? null,
      dataset: header.source?.dataset ?? null,
      rows: header.source?.rows ?? null,
      scale: scale ?? null,
      requires: header.requires ?? [],
      imputed: header.source?.imputed ?? [],
      offers: traceOffers(header, survey.facts().seen),
    });
  }
  return entries;
}

function plugInEntry(plugIn: PlugIn, more: Readonly<Record<string, unknown>>): Entry {
  return { id: plugIn.id, title: plugIn.title, needs: plugIn.needs ?? [], params: parametersOf(plugIn), ...more };
}

/** Parameters by name as JSON Schema, empty for a plug-in without any. */
function parametersOf({ params }: PlugIn): object {
  if (params === undefined) return {};
  return z.toJSONSchema(params, { io: "input", unrepresentable: "any" }).properties ?? {};
}

/** The kind of a name, plural or singular. @throws {UsageError} naming the nearest kinds */
export function kindOf(name: string): string {
  const kinds = Object.keys(catalogue);
  const found = kinds.find((kind) => kind === name || kind === `${name}s`);
  if (found === undefined)
    throw new UsageError(`kind "${name}": is not known; expected ${nearest(name, kinds).join(", ")}`);
  return found;
}

/** A field as one cell of a table: lists joined, objects as JSON. */
export function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "string") return value;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join(" ");
  return JSON.stringify(value);
}
