import type { FutureWorkload, MaterializationInstance } from "./materialization.ts";
import type { PricedSequence, PricedVersion } from "./sequence.ts";

/**
 * What a materializer could store after iteration `at` for the iterations that follow: the candidates are the results of all
 * versions up to `at`, the workloads the next `lookAhead` versions, each once. Sizes are those of the last occurrence.
 *
 * @param budgetBytes Infinity = no limit
 */
export function instanceAfter(
  sequence: PricedSequence,
  at: number,
  lookAhead: number,
  budgetBytes: number,
): MaterializationInstance {
  const indexOf = new Map<number, number>();
  const sizes: number[] = [];
  for (const { nodeCount, classOf, sizeBytes } of sequence.versions.slice(0, at + 1))
    for (let i = 0; i < nodeCount; i++) {
      const id = classOf[i]!;
      if (id < 0) continue;
      const index = indexOf.get(id) ?? indexOf.size;
      indexOf.set(id, index);
      sizes[index] = sizeBytes[i]!;
    }
  const futures = sequence.versions.slice(at + 1, at + 1 + lookAhead).map((version) => futureOf(version, indexOf));
  return { sizeBytes: Float64Array.from(sizes), budgetBytes, futures };
}

function futureOf(version: PricedVersion, indexOf: ReadonlyMap<number, number>): FutureWorkload {
  return {
    weight: 1,
    problem: version,
    resultOf: Int32Array.from(version.classOf, (id) => (id < 0 ? -1 : (indexOf.get(id) ?? -1))),
  };
}
