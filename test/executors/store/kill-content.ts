import { createHash } from "node:crypto";

/** Signatures the killed process works on. */
export const keys: readonly string[] = Array.from({ length: 24 }, (_, i) => `signature-${i}`);

/** Names of a result's parts; every third result shares its first part with others. */
export function partsOf(key: string): readonly string[] {
  const i = keys.indexOf(key);
  return i % 3 === 0 ? [`shared-${i % 4}`, `own-${i}`] : [`own-${i}`];
}

/** What a part holds: determined by its name, 1 to 120 kB. */
export function partContent(name: string): Buffer {
  const digest = createHash("sha256").update(name).digest();
  const bytes = 1_000 + (digest.readUInt16LE(0) % 120) * 1_000;
  return Buffer.alloc(bytes, digest);
}
