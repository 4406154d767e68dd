import { statSync } from "node:fs";
import type { StorageCostModel } from "../core/cost-model.ts";
import type { Iteration, TraceHeader } from "../core/iteration.ts";
import type { SimulatedTrace } from "../simulator/simulate.ts";
import { SignatureUses } from "../simulator/signature-uses.ts";
import { TraceSurvey } from "../simulator/trace-facts.ts";
import { VersionCache } from "../simulator/version-cache.ts";
import { TraceChecker } from "../traces/format/trace-checker.ts";
import { chooseStorageModel, engineOf } from "../traces/format/storage-model.ts";
import { readTrace } from "../traces/read.ts";
import { readStorageModels } from "../traces/read-storage-model.ts";
import { collectGarbage } from "./collect-garbage.ts";
import type { OptionValues } from "./command.ts";

/** A trace file, checked whole, with what a simulation must know of it. */
export interface OpenedTrace extends SimulatedTrace {
  readonly path: string;
  readonly header: TraceHeader;
}

/** Traces with at most this many nodes in all iterations are parsed once and shared by all cells; others are read again. */
const heldNodes = 100_000;

/** Iterations of a trace that is not held between two garbage collections. */
const collectEvery = 10;

/** Opens and checks one trace file. @throws {TraceFormatError} */
export async function openTrace(path: string, onIteration: (iteration: number) => void): Promise<OpenedTrace> {
  const checker = new TraceChecker();
  const reader = await readTrace(path, { checker });
  const isRepeatable = statSync(path).isFile();
  const survey = new TraceSurvey();
  const uses = new SignatureUses();
  let held: Iteration[] | undefined = [];
  let nodes = 0;
  for await (const iteration of reader.iterations) {
    onIteration(iteration.iteration);
    if (held === undefined && iteration.iteration % collectEvery === 0) collectGarbage();
    survey.add(iteration, (listed) => checker.isNew(listed));
    for (const [listed, { signature }] of iteration.nodes.entries())
      if (!checker.isNew(listed)) uses.repeat(signature, iteration.iteration);
    nodes += iteration.nodes.length;
    if (nodes > heldNodes && isRepeatable) held = undefined;
    held?.push(iteration);
  }
  const { header } = reader;
  if (held === undefined) collectGarbage(); // the checker holds up to 125 MB
  return {
    path,
    header,
    name: header.name,
    requires: header.requires ?? [],
    ...(header.source === undefined ? {} : { source: header.source }),
    ...(held === undefined
      ? { iterations: tidied((await readTrace(path, { meaning: false })).iterations), uses }
      : { iterations: held, versions: new VersionCache(held) }),
    facts: survey.facts(),
  };
}

/** The same iterations; garbage is collected now and then. */
function tidied(iterations: AsyncIterable<Iteration>): AsyncIterable<Iteration> {
  return {
    async *[Symbol.asyncIterator]() {
      for await (const iteration of iterations) {
        if (iteration.iteration % collectEvery === 0) collectGarbage();
        yield iteration;
      }
    },
  };
}

/** The storage model a trace's missing costs come from: of the file's models the one for the trace's engine. @throws {UsageError} */
export async function storageModelOf(
  path: OptionValues[string],
  { header }: OpenedTrace,
): Promise<StorageCostModel | undefined> {
  if (typeof path !== "string") return undefined;
  const models = await readStorageModels(path);
  const executor = header.source?.executor;
  const isKnown = executor !== undefined && models.some((model) => engineOf(model.executor) === engineOf(executor));
  return chooseStorageModel(models, isKnown ? { executor } : {}, path);
}
