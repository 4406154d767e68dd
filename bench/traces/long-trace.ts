/**
 * A trace as long as asked for, line by line: what a user's history of many iterations looks like at its worst.
 *
 *     npx tsx bench/traces/long-trace.ts 10000 1000 1 > trace.jsonl
 */
import { pathToFileURL } from "node:url";
import { rngStream } from "../../src/core/rng.ts";

/** What the trace is like. */
export interface LongTrace {
  readonly iterations: number;
  /** Nodes of each iteration, the source among them. */
  readonly nodes: number;
  /** Probability that a node is edited in an iteration; what follows from it is new as well. With 1 nothing is ever reused. */
  readonly edited: number;
  readonly seed: number;
}

/** The lines of the trace. Nodes read one or two of the twenty before them; costs and sizes are drawn. */
export function* longTrace({ iterations, nodes, edited, seed }: LongTrace): Generator<string, void, undefined> {
  const draw = rngStream(seed, "long-trace");
  const below = (limit: number): number => Math.floor(draw() * limit);
  const parents = Array.from({ length: nodes }, (_, i) =>
    i === 0 ? [] : [...new Set([Math.max(0, i - 1 - below(20)), Math.max(0, i - 1 - below(20))])],
  );
  const signatures = Array.from({ length: nodes }, () => "");
  const changed = new Uint8Array(nodes);
  yield `{"format":"reuselab.trace","version":1,"name":"long","source":{"tool":"bench/traces"}}\n`;
  for (let t = 0; t < iterations; t++) {
    const line: string[] = [];
    for (let i = 0; i < nodes; i++) {
      changed[i] = t === 0 || draw() < edited || parents[i]!.some((p) => changed[p] === 1) ? 1 : 0;
      if (changed[i] === 1) signatures[i] = word(below) + word(below);
      const computeUs = 1000 + below(1_000_000);
      const sizeBytes = 1000 + below(10_000_000);
      const above = parents[i]!.map((p) => `"n${p}"`).join(",");
      line.push(
        `{"id":"n${i}","op":"op${i % 50}","kind":"dpr","signature":"${signatures[i]!}","parents":[${above}],"computeUs":${computeUs},"sizeBytes":${sizeBytes}}`,
      );
    }
    yield `{"iteration":${t},"changeType":"${t === 0 ? "initial" : "dpr"}","nodes":[${line.join(",")}]}\n`;
  }
}

function word(below: (limit: number) => number): string {
  return below(0x1_0000_0000).toString(16).padStart(8, "0");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [iterations = 10_000, nodes = 1_000, edited = 1] = process.argv.slice(2).map(Number);
  for (const line of longTrace({ iterations, nodes, edited, seed: 1 }))
    if (!process.stdout.write(line)) await new Promise((resolve) => process.stdout.once("drain", resolve));
}
