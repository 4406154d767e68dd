/** What the executor asks of what a handle holds. */
import type { ResultHandle } from "../../core/executor.ts";
import type { IterationNode } from "../../core/iteration.ts";
import type { Dialect } from "./dialect.ts";
import { encodeModel } from "./model-file.ts";
import type { ModelPayload, Payload } from "./shape.ts";

/** What a handle of this executor holds. */
export function payloadOf(handle: ResultHandle): Payload {
  return handle.payload as Payload;
}

/** The models among results, by node id. */
export function modelsOf(handles: ReadonlyMap<string, ResultHandle> | undefined): ReadonlyMap<string, ModelPayload> {
  const models = new Map<string, ModelPayload>();
  for (const [id, handle] of handles ?? []) {
    const payload = payloadOf(handle);
    if (payload.kind === "model") models.set(id, payload);
  }
  return models;
}

/** Bytes in memory, by the width of the columns; of a model its text and what the engine holds of it. Files are not held. */
export function memoryOf(dialect: Dialect, payload: Payload): number {
  if (payload.kind === "files") return 0;
  if (payload.kind === "model") return encodeModel(payload).length + (payload.model.engineBytes ?? 0);
  if (payload.kind !== "relation") return encodeModel(payload).length;
  const { keys, columns } = payload.shape;
  return payload.rows * [...keys, ...columns].reduce((sum, { sqlType }) => sum + dialect.widthBytes(sqlType), 0);
}

/** Metric values under the names the results have them by; undefined for what is no metrics. */
export function metricsOf(node: IterationNode, payload: Payload): Readonly<Record<string, number>> | undefined {
  if (payload.kind !== "metrics") return undefined;
  return Object.fromEntries(Object.entries(payload.values).map(([metric, value]) => [`${node.id}.${metric}`, value]));
}

/** What a manifest must say so that `RelationalEngine.readResult` can read the files. */
export function metaOf(payload: Payload): Readonly<Record<string, unknown>> {
  return payload.kind === "relation" ? { kind: payload.kind, shape: payload.shape } : { kind: payload.kind };
}
