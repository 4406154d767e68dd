import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ExecutorError } from "../../../src/core/errors.ts";
import type { IterationNode } from "../../../src/core/iteration.ts";
import { medianOf, variationOf } from "../../../src/harness/recording/assemble-trace.ts";
import type { RecordingPlan } from "../../../src/harness/recording/recording.ts";
import { recordWorkload } from "../../../src/harness/recording/record-workload.ts";
import { operatorCover } from "../../../src/harness/recording/warm-up.ts";
import { iterationLine } from "../../../src/traces/format/write-line.ts";
import { type Script, scriptedEngine, versions } from "./scripted-engine.ts";

const baseUs = ({ signature }: IterationNode): number => 100 * signature.length;
/** The engine that is started last in each repetition is 1,000 slower in repetition 0, as fast as the script says in 1, 500 faster in 2. */
const noisy: Script = { fuses: true, computeUs: (node, engine) => baseUs(node) + [1000, 0, -500][engine >> 1]! };
const steady: Script = { fuses: true, computeUs: baseUs, metrics: metricsOf };
function metricsOf({ signature, op }: IterationNode): Readonly<Record<string, number>> | undefined {
  return op === "reduce" ? { [signature]: signature.length / 7 } : undefined;
}
function planOf(
  script: Script,
  more: Partial<RecordingPlan> = {},
): { plan: RecordingPlan; calls: ReturnType<typeof scriptedEngine>["calls"] } {
  const engine = scriptedEngine(script);
  return { plan: { versions, repetitions: 3, seed: 1, openEngine: () => engine.open(), ...more }, calls: engine.calls };
}

describe("a recording", () => {
  it("holds medians, variation, sizes and both loads for every node of every line", async () => {
    const { plan } = planOf(noisy);
    const { iterations, initialUs, isCold } = await recordWorkload(plan);
    expect(iterations).toHaveLength(3);
    for (const [i, iteration] of iterations.entries()) {
      expect(iteration.nodes.map(({ id }) => id)).toEqual(versions[i]!.nodes.map(({ id }) => id));
      expect(iteration).toMatchObject({ iteration: i, label: `version ${i}`, changeType: versions[i]!.changeType });
      for (const [k, node] of iteration.nodes.entries()) {
        const us = baseUs(node);
        expect(node).toMatchObject({
          computeUs: us,
          sizeBytes: versions[i]!.nodes.find(({ signature }) => signature === node.signature)!.sizeBytes,
          writeUs: 7,
          loadUs: 5,
          loadHotUs: 5,
          memoryBytes: 100,
          parents: versions[i]!.nodes[k]!.parents,
        });
        expect(node.computeCv).toBe(variationOf([us + 1000, us, us - 500]));
      }
    }
    expect(iterations[0]!.nodes.find(({ op }) => op === "learn")?.quality).toBe(0.75);
    expect(isCold).toBe(true);
    // data, rows, age (its copy is the same result), dead, examples, model, report
    expect(initialUs).toBe(100 * (6 + 6 + 5 + 6 + 10 + 7 + 9));
    expect(iterationLine(iterations[0]!)).toContain('"op":"learn"');
  });

  it("holds each version's fused segments and its run as a whole", async () => {
    const { plan } = planOf(steady);
    const { iterations } = await recordWorkload(plan);
    // The learner is a barrier: one segment up to it, one for the output.
    const needed = ["data", "rows", "age", "examples", "model", "report"];
    const nodes = iterations[0]!.nodes.filter(({ id }) => needed.includes(id));
    const wholeUs = nodes.reduce((sum, node) => sum + node.computeUs, 0) - 10 * (needed.length - 1);
    expect(iterations[0]!.fusedUs).toBe(wholeUs);
    const segments = iterations[0]!.segments!;
    expect(segments.map((segment) => segment.nodes.length)).toEqual([5, 1]);
    expect(segments.flatMap((segment) => segment.nodes).toSorted()).toEqual(needed.toSorted());
    expect(segments.reduce((sum, { fusedUs }) => sum + fusedUs, 0)).toBe(wholeUs + 10 * (segments.length - 1));
  });

  it("has no segments from an engine that does not fuse", async () => {
    const { plan } = planOf({ ...steady, fuses: false });
    const { iterations } = await recordWorkload(plan);
    expect(iterations.every((iteration) => iteration.segments === undefined && iteration.fusedUs === undefined)).toBe(
      true,
    );
  });

  it("keeps the metric values, which both phases and all repetitions must agree on", async () => {
    const { plan } = planOf(steady);
    const { iterations } = await recordWorkload(plan);
    expect(iterations.map(({ metrics }) => metrics)).toEqual([0, 1, 2].map((i) => ({ [`s-report${i}`]: 9 / 7 })));

    const drift = (engine: number, from: number): number => (engine >= from ? 1 + 1e-8 : 1);
    for (const from of [1, 2]) {
      const script: Script = {
        ...steady,
        metrics: (node, engine) => (node.op === "reduce" ? { f1: drift(engine, from) } : undefined),
      };
      await expect(recordWorkload(planOf(script).plan)).rejects.toThrow(/metric "f1".*same answer/u);
    }
  });

  it("measures randomness anew in every iteration", async () => {
    const random = versions.map((version) => ({
      ...version,
      nodes: version.nodes.map((node) => (node.id === "examples" ? { ...node, deterministic: false } : node)),
    }));
    const { plan, calls } = planOf(steady, { versions: random, repetitions: 1 });
    const { iterations } = await recordWorkload(plan);
    expect(iterations[2]!.nodes.find(({ id }) => id === "examples")).toMatchObject({
      deterministic: false,
      computeUs: 1000,
    });
    const writes = calls.filter(({ what, on }) => what === "write" && on.startsWith("s-examples#"));
    expect(new Set(writes.map(({ on }) => on)).size).toBe(3);
  });
});

describe("the protocol", () => {
  it("restarts and warms the engine, computes and writes each result once, and loads when all is written and no page is cached", async () => {
    const { plan, calls } = planOf(steady, { warmUp: versions.slice(0, 1), wholeRepetitions: 2 });
    await recordWorkload(plan);
    expect(calls.filter(({ what }) => what === "open")).toHaveLength(5);
    expect(calls.filter(({ what }) => what === "close")).toHaveLength(5);
    // Nodes come before wholes in repetition 0, after them in 1; repetition 2 has no wholes.
    for (const engine of [0, 3, 4]) {
      const own = calls.filter((call) => call.engine === engine);
      const warm = own.findLastIndex(({ on }) => on.startsWith("warm-up/"));
      const measured = own.slice(warm + 1).filter(({ what }) => what !== "release");
      const firstWrite = measured.findIndex(({ what }) => what === "write");
      // The first version once more on the warm-up data (7 results), then each of the 10 distinct ones, then two segments of
      // several nodes: the reports are segments of one.
      const afterFixed = measured.slice(7);
      const computed = afterFixed.filter(({ what }) => what === "compute").map(({ on }) => on);
      expect(firstWrite).toBe(8);
      expect(new Set(computed).size).toBe(computed.length);
      expect(computed).toHaveLength(12);
      expect(computed.filter((on) => on.includes(" "))).toHaveLength(2);
      const drop = afterFixed.findIndex(({ what }) => what === "drop caches");
      expect(afterFixed.slice(0, drop).filter(({ what }) => what === "write")).toHaveLength(10);
      expect(afterFixed.slice(drop).filter(({ what }) => what === "load")).toHaveLength(20);
      expect(afterFixed.slice(0, drop).filter(({ what }) => what === "load")).toHaveLength(0);
      expect(afterFixed.slice(drop).some(({ what }) => what === "compute" || what === "write")).toBe(false);
      // Each result's pages are dropped once, before its first load.
      const cold = afterFixed.filter(({ what }) => what === "drop caches").map(({ on }) => on);
      expect([new Set(cold).size, cold.length]).toEqual([10, 10]);
      const loads = afterFixed.map(({ what, on }) => `${what} ${on}`);
      for (const key of cold) expect(loads.indexOf(`drop caches ${key}`)).toBeLessThan(loads.indexOf(`load ${key}`));
    }
    const wholes = calls.filter(({ what, on }) => what === "compute" && on.split(" ").length === 6);
    expect(wholes.map(({ engine }) => engine)).toEqual([1, 1, 1, 2, 2, 2]);
  });

  it("runs iterations in another order in every repetition, the same for the same seed", async () => {
    const orders = async (seed: number): Promise<string[]> => {
      const { plan, calls } = planOf(steady, { seed, repetitions: 6, warmUp: [] });
      await recordWorkload(plan);
      const found: string[] = [];
      for (let engine = 0; engine < 12; engine++)
        found.push(
          calls
            .filter((call) => call.engine === engine && call.on.startsWith("s-report"))
            .map(({ on }) => on)
            .join(),
        );
      return found;
    };
    const first = await orders(1);
    expect(new Set(first).size).toBeGreaterThan(3);
    expect(await orders(1)).toEqual(first);
    expect(await orders(2)).not.toEqual(first);
  });

  it("gives the same costs when memory holds nothing between versions", async () => {
    const { iterations } = await recordWorkload(planOf(steady).plan);
    const { plan, calls } = planOf(steady, { keepBytes: 0 });
    expect((await recordWorkload(plan)).iterations).toEqual(iterations);
    expect(calls.filter(({ what }) => what === "load").length).toBeGreaterThan(3 * 20 + 6 * 7);
  });

  it("warms up with versions that have every operator type between them", () => {
    const extra = {
      ...versions[2]!,
      nodes: [...versions[2]!.nodes, { id: "new", op: "window", signature: "w", parents: ["age"] }],
    };
    expect(operatorCover([...versions, extra]).map(({ label, nodes }) => `${label}/${nodes.length}`)).toEqual([
      "version 0/8",
      "version 2/9",
    ]);
    expect(operatorCover([])).toEqual([]);
  });

  it("runs the first version's segments in a session that ran nothing, beside the usual ones", async () => {
    // Two engines are opened in each repetition without wholes: that of the nodes, and the fresh one, which takes half as long again.
    const engine = scriptedEngine({ ...steady, computeUs: (node, opened) => baseUs(node) * (1 + (opened % 2) / 2) });
    const openEngine = () => ({ ...engine.open(), openFresh: async () => engine.open().executor });
    const { plan } = planOf(steady, { openEngine, wholeRepetitions: 0 });
    const { freshSessionShare, iterations } = await recordWorkload(plan);
    const fresh = engine.calls.filter(({ engine: opened, what }) => opened === 1 && what === "compute");
    expect(fresh.map(({ on }) => on.split(" ").length)).toEqual([5, 1]);
    const usualUs = iterations[0]!.segments!.reduce((sum, { fusedUs }) => sum + fusedUs, 0);
    // Fusing five nodes saves 4 × 10 in both.
    expect(freshSessionShare).toBeCloseTo((1.5 * (usualUs + 40) - 40) / usualUs - 1, 3);
    expect((await recordWorkload(planOf(steady).plan)).freshSessionShare).toBeUndefined();
  });

  it("tells the fixed cost from the warm-up data", async () => {
    const small = versions.map((version) => ({
      ...version,
      nodes: version.nodes.map((node) => ({ ...node, signature: node.signature.slice(0, 3) + node.id.slice(0, 2) })),
    }));
    const { fixedCostUs } = await recordWorkload(planOf(steady, { warmUp: small }).plan);
    expect(fixedCostUs).toBe(100 * (4 + 1) * 8);
    expect((await recordWorkload(planOf(steady).plan)).fixedCostUs).toBeUndefined();
  });
});

describe("an interrupted recording", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "reuselab-record-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("goes on after the last finished repetition and ends as an uninterrupted one", async () => {
    const resume = { path: join(folder, "deep", "trace.partial"), identity: ["scripted"] };
    const failing: Script = { ...noisy, failAt: ({ engine, what }) => engine === 2 && what === "write" };
    const interrupted = planOf(failing);
    await expect(recordWorkload(interrupted.plan, resume)).rejects.toThrow(ExecutorError);
    expect(interrupted.calls.at(-1)?.what).toBe("close");
    await appendFile(resume.path, '{"repetition":1,"nodes":{"s-da');

    const { plan, calls } = planOf({ ...noisy, computeUs: (node, engine) => noisy.computeUs(node, engine + 2) });
    const { iterations, resumed } = await recordWorkload(plan, resume);
    expect(resumed).toBe(1);
    expect(calls.filter(({ what }) => what === "open")).toHaveLength(4);
    expect(iterations).toEqual((await recordWorkload(planOf(noisy).plan)).iterations);
    expect((await readFile(resume.path, "utf8")).split("\n")).toHaveLength(1 + 3 + 1);
  });

  it("never takes repetitions of another recording", async () => {
    const path = join(folder, "trace.partial");
    await recordWorkload(planOf(steady).plan, { path, identity: ["a"] });
    for (const [more, identity] of [
      [{}, ["b"]],
      [{ seed: 2 }, ["b"]],
      [{ versions: versions.slice(0, 2), seed: 2 }, ["b"]],
    ] as const)
      expect((await recordWorkload(planOf(steady, more).plan, { path, identity })).resumed).toBe(0);
  });

  it("stops between two engine calls when it is aborted, keeping what is finished", async () => {
    const abort = new AbortController();
    const resume = { path: join(folder, "trace.partial"), identity: [] };
    let last = 0;
    const { plan, calls } = planOf(steady, {
      signal: abort.signal,
      onProgress(done, total) {
        expect(done).toBeGreaterThanOrEqual(last);
        expect(done).toBeLessThanOrEqual(total);
        last = done;
        if (done > total / 2) abort.abort();
      },
    });
    await expect(recordWorkload(plan, resume)).rejects.toThrow(/abort/u);
    expect(calls.at(-1)?.what).toBe("close");
    const finished = await recordWorkload(planOf(steady).plan, resume);
    expect(finished.resumed).toBe(1);
  });
});

describe("medians and variation", () => {
  it("are those of small samples worked by hand", () => {
    expect(medianOf([9, 1, 5])).toBe(5);
    expect(medianOf([1, 2, 10, 4])).toBe(3);
    expect(medianOf([1, 2])).toBe(2);
    expect(variationOf([2, 4, 4, 4, 5, 5, 7, 9])).toBe(0.4276);
    expect(variationOf([5])).toBe(0);
    expect(variationOf([0, 0])).toBe(0);
  });
});
