import { isExact } from "../../core/units.ts";

/** A file of the store: its content's SHA-256, the name it has within its result, and its size in bytes. */
export interface StoredObject {
  readonly name: string;
  readonly id: string;
  readonly bytes: number;
}

/** What is known of a stored result besides its files; microseconds and bytes; further fields are kept as they are. */
export interface ResultMeta {
  readonly rows?: number;
  readonly memoryBytes?: number;
  /** Versions of what wrote it, by package. */
  readonly versions?: Readonly<Record<string, string>>;
  /** Last observed costs. */
  readonly computeUs?: number;
  readonly loadUs?: number;
  /** Set by the store when it writes, unless given. */
  readonly writeUs?: number;
  readonly [key: string]: unknown;
}

/** A stored result. What has no manifest does not exist. */
export interface Manifest {
  readonly signature: string;
  /** In the order they were put; names are distinct, ids need not be. */
  readonly objects: readonly StoredObject[];
  /** Grows with every write of the store. */
  readonly sequence: number;
  readonly meta: ResultMeta;
}

/** Version of the folder layout and of manifests; a store with a greater one is refused. */
export const storeVersion = 1;

/** A manifest as the text of its file. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify({ format: "reuselab.result", version: storeVersion, ...manifest })}\n`;
}

/**
 * Reads a manifest file's text.
 *
 * @returns the manifest; a text saying what is wrong; or, as `{ newer }`, the greater version it was written with
 */
export function parseManifest(text: string): Manifest | string | { readonly newer: number } {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return "is not JSON";
  }
  if (!isRecord(raw) || raw["format"] !== "reuselab.result") return "is not a result's manifest";
  const { version, signature, objects, sequence, meta } = raw;
  if (typeof version === "number" && version > storeVersion) return { newer: version };
  if (version !== storeVersion) return "has no version";
  if (typeof signature !== "string") return "has no signature";
  if (!isExact(sequence)) return "has no sequence number";
  if (!isRecord(meta)) return "has no meta";
  if (!Array.isArray(objects) || objects.length === 0 || !objects.every(isStoredObject))
    return "has no list of objects";
  return { signature, objects, sequence, meta };
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True for the name of an object: a SHA-256 in lower-case hex. */
export function isObjectId(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/u.test(value);
}

function isStoredObject(value: unknown): value is StoredObject {
  return isRecord(value) && typeof value["name"] === "string" && isObjectId(value["id"]) && isExact(value["bytes"]);
}
