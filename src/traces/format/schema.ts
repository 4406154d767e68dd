/**
 * The fields of a trace as zod schemas: the published JSON Schema is generated from them, and a test proves that they and
 * the hand-written parser of the hot path accept and refuse the same lines.
 */
import { z } from "zod";
import { changeTypes } from "../../core/iteration.ts";
import { traceFormat, traceVersion } from "./parse-line.ts";

const exact = z.int().nonnegative();
const optionalExact = exact.nullish();
const optionalText = z.string().nullish();
const optionalBoolean = z.boolean().nullish();

/** First line of a trace. Unknown fields are kept. */
export const traceHeaderSchema = z
  .looseObject({
    format: z.literal(traceFormat),
    version: z.literal(traceVersion),
    name: z.string().min(1).describe("Name in result rows"),
    domain: optionalText,
    requires: z.array(z.string()).nullish().describe("What a system must support, for example structured-prediction"),
    source: z
      .looseObject({
        imputed: z.array(z.string()).nullish().describe("Fields that were modelled rather than measured"),
      })
      .nullish()
      .describe("Where the trace comes from; informative but for imputed"),
  })
  .describe("Header, the first line");

const columnSchema = z.looseObject({
  id: z.string(),
  bytes: exact,
  memoryBytes: exact.nullish().describe("In the engine's memory"),
  type: z.string().nullish().describe("The engine's name of its type"),
});

const nodeSchema = z.looseObject({
  id: z.string().describe("Unique in the iteration"),
  op: z.string().describe("Operator type, free text"),
  kind: z.enum(["dpr", "li", "ppr"]).nullish(),
  signature: z.string().min(1).describe("Equivalence across iterations"),
  parents: z.array(z.string()).describe("Ids, each once, of nodes listed before"),
  computeUs: exact.describe("Microseconds"),
  sizeBytes: exact.describe("Bytes on storage"),
  loadUs: optionalExact.describe("Cold load, microseconds"),
  loadHotUs: optionalExact,
  writeUs: optionalExact,
  memoryBytes: optionalExact.describe("Bytes in the engine's memory"),
  deterministic: optionalBoolean.describe("Default true"),
  output: optionalBoolean.describe("Default false; without any output in an iteration its sinks are the outputs"),
  weight: z.int().min(1).nullish().describe("Passes over the input, default 1"),
  computeCv: z.number().nonnegative().nullish().describe("Coefficient of variation of the recorded compute times"),
  columns: z
    .array(z.union([columnSchema, exact]))
    .nullish()
    .describe("Columns, in full or by number in the list of all lines so far"),
  quality: z.number().min(0).max(1).nullish(),
});

const segmentSchema = z.looseObject({ nodes: z.array(z.string()).min(1), fusedUs: exact });

/** Every line of a trace but the first. Unknown fields are kept. */
export const traceIterationSchema = z
  .looseObject({
    iteration: exact.describe("0, 1, 2 …"),
    label: optionalText,
    changeType: z.enum(changeTypes),
    base: optionalExact.describe("Iteration this version was edited from, default the previous one"),
    columns: z.array(columnSchema).nullish().describe("Columns that nodes of this and later lines name by number"),
    nodes: z.array(nodeSchema).min(1).describe("Parents first"),
    segments: z.array(segmentSchema).nullish().describe("Nodes the engine runs as one statement"),
    fusedUs: optionalExact.describe("The engine's own way to run the version once"),
    metrics: z.record(z.string(), z.number().nullable()).nullish(),
  })
  .describe("Iteration, every later line");

/** The published JSON Schema (2020-12) of one line of a trace: header or iteration. */
export function traceLineJsonSchema(): object {
  const options = { unrepresentable: "throw", reused: "inline" } as const;
  const { $schema, ...header } = z.toJSONSchema(traceHeaderSchema, options);
  const { $schema: _, ...iteration } = z.toJSONSchema(traceIterationSchema, options);
  return {
    $schema,
    $id: "trace.v1.json",
    title: "reuselab.trace v1",
    description: "One line of a trace (JSON Lines): the header first, then one line per iteration.",
    anyOf: [header, iteration],
  };
}
