import { describe, expect, test } from "vitest";
import { formatTrace, parseTrace } from "../../src/traces/format/parse-text.ts";
import { openmlStream } from "../../src/workloads/openml/stream.ts";

const stream = openmlStream(1, { pipelines: 400 });
const benchmark = openmlStream(1, { pipelines: 400, benchmark: true });

describe("the openml-like stream", () => {
  test("is a legal trace, the same for the same seed, another for another", () => {
    expect(parseTrace(formatTrace(stream)).iterations).toEqual(stream.iterations);
    expect(openmlStream(1, { pipelines: 400 })).toEqual(stream);
    expect(openmlStream(2, { pipelines: 400 }).models).not.toEqual(stream.models);
  });

  test("goes on as it began: the first runs of a longer stream are those of a shorter one", () => {
    expect(openmlStream(1, { pipelines: 50 }).iterations).toEqual(stream.iterations.slice(0, 50));
  });

  test("gives one signature one cost, one size, one quality and the same columns wherever it comes", () => {
    const known = new Map<string, string>();
    for (const { nodes } of benchmark.iterations)
      for (const { output: _, ...node } of nodes) {
        const text = JSON.stringify(node);
        expect(known.get(node.signature) ?? text).toBe(text);
        known.set(node.signature, text);
      }
    expect(known.size).toBeGreaterThan(300);
  });

  test("ends every run in one model with a quality in [0, 1]; some pipelines come again, most do not", () => {
    for (const [t, { nodes }] of stream.iterations.entries()) {
      const models = nodes.filter(({ quality }) => quality !== undefined);
      expect(models.map(({ signature, output }) => [signature, output])).toEqual([[stream.models[t], true]]);
      expect(models[0]!.quality).toBeGreaterThan(0.5);
      expect(models[0]!.quality).toBeLessThan(1);
    }
    const distinct = new Set(stream.models).size;
    expect(distinct).toBeGreaterThan(200);
    expect(distinct).toBeLessThan(400);
  });

  test("with benchmarking every run lists the best earlier model too, also when that is its own", () => {
    for (const [t, { nodes }] of benchmark.iterations.entries()) {
      const earlier = benchmark.qualities.slice(0, t);
      const best = earlier.indexOf(Math.max(...earlier));
      expect(benchmark.gold[t]).toBe(t === 0 ? -1 : best);
      const outputs = nodes.filter(({ output }) => output === true).map(({ signature }) => signature);
      const wanted = t === 0 ? [benchmark.models[0]] : [benchmark.models[t], benchmark.models[best]];
      expect(new Set(outputs)).toEqual(new Set(wanted));
    }
  });

  test("a step leaves the columns alone that it does not touch", () => {
    const scaled = stream.iterations
      .flatMap(({ nodes }) => nodes)
      .find(({ signature }) => signature === "data/impute=mean/scale=standard");
    const imputed = stream.iterations
      .flatMap(({ nodes }) => nodes)
      .find(({ signature }) => signature === "data/impute=mean");
    expect(scaled?.columns?.length).toBe(20);
    const shared = scaled!.columns!.filter(({ id }) => imputed!.columns!.some((column) => column.id === id));
    expect(shared.map(({ id }) => id[0])).toEqual(Array.from({ length: 13 }, () => "c"));
  });
});
