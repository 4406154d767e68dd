/** Recorded traces in the browser: packed beside the page, read and checked by the simulator's own reader. */
import type { Iteration } from "../../src/core/iteration.ts";
import { linearModel } from "../../src/core/cost-model.ts";
import { surveyTrace, type SimulatedTrace } from "../../src/simulator/index.ts";
import { parseTrace } from "../../src/traces/format/parse-text.ts";

/** Fetches a trace that was packed with the page, plain or gzip. @throws {TraceFormatError} */
export async function fetchTrace(address: string): Promise<SimulatedTrace> {
  const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = isPacked
    ? await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text()
    : new TextDecoder().decode(bytes);
  const { header, iterations } = parseTrace(text, address.split("/").at(-1) ?? address);
  return { name: header.name, requires: header.requires ?? [], iterations, facts: surveyTrace(iterations) };
}

/** The trace on storage of another bandwidth: every load and write costs 1 ms + bytes ÷ bandwidth. */
export function onStorage(trace: SimulatedTrace, megabytesPerSecond: number): SimulatedTrace {
  const cost = { baseUs: 1000, usPerByte: 1 / megabytesPerSecond, usPerMemoryByte: 0 };
  const model = linearModel(`${megabytesPerSecond} MB/s`, cost, cost);
  const iterations = [...(trace.iterations as Iterable<Iteration>)].map((iteration) => ({
    ...iteration,
    nodes: iteration.nodes.map((node) => {
      const us = model.loadUs(node.sizeBytes ?? 0, node.memoryBytes ?? node.sizeBytes ?? 0);
      return { ...node, loadUs: us, writeUs: us };
    }),
  }));
  return { ...trace, iterations };
}
