/** Problems as plain bytes, to hand them to another process without parsing that would disturb its memory and timing. */
import type { ReuseProblem } from "../core/problem.ts";

/** Packs problems: a count, then per problem n, m, outputs and the five arrays, each padded to eight bytes. */
export function packProblems(problems: readonly ReuseProblem[]): Buffer {
  const parts: Buffer[] = [bytesOf(Int32Array.of(problems.length, 0))];
  for (const { nodeCount, parentOffsets, parentIds, computeUs, loadUs, outputs } of problems) {
    parts.push(bytesOf(Int32Array.of(nodeCount, parentIds.length, outputs.length, 0)));
    for (const array of [parentOffsets, parentIds, computeUs, loadUs, outputs]) {
      const bytes = bytesOf(array);
      parts.push(bytes);
      if (bytes.length % 8 !== 0) parts.push(Buffer.alloc(8 - (bytes.length % 8)));
    }
  }
  return Buffer.concat(parts);
}

/** Unpacks what {@link packProblems} made; the arrays are copies. */
export function unpackProblems(bytes: Buffer): readonly ReuseProblem[] {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  let at = 8;
  const ints = (length: number): Int32Array => {
    const array = new Int32Array(buffer, at, length).slice();
    at += Math.ceil((4 * length) / 8) * 8;
    return array;
  };
  const doubles = (length: number): Float64Array => {
    const array = new Float64Array(buffer, at, length).slice();
    at += 8 * length;
    return array;
  };
  const count = new Int32Array(buffer, 0, 1)[0]!;
  return Array.from({ length: count }, () => {
    const [n, m, k] = ints(4);
    return {
      nodeCount: n!,
      parentOffsets: ints(n! + 1),
      parentIds: ints(m!),
      computeUs: doubles(n!),
      loadUs: doubles(n!),
      outputs: ints(k!),
    };
  });
}

function bytesOf(array: Int32Array | Float64Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}
