/** The published JSON Schemas of result folders: lines of `cells.jsonl` and `runs.jsonl`, and `meta.json` with its claims. */
import { z } from "zod";
import { cellStatuses, cellVersion } from "./cells.ts";
import { verdicts } from "./claims.ts";

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const scalars = z.record(z.string(), scalar);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/u);
const count = z.int().min(0);

const exclusionSchema = z.object({
  trace: z.string(),
  system: z.string(),
  reason: z.string(),
  fromIteration: count.optional().describe("First iteration it has no row for"),
});

/** One line of `cells.jsonl`. */
export const cellLineSchema = z
  .object({
    version: z.int().min(1).max(cellVersion),
    key: sha256.describe("SHA-256 of the configuration as canonical JSON"),
    status: z.enum(cellStatuses),
    configuration: z.object({
      experiment: z.string(),
      experimentVersion: count,
      params: scalars,
      seed: z.int(),
      executor: z.string(),
      inputs: z.record(z.string(), sha256).describe("SHA-256 of each input by reference"),
      policy: z.string().describe("Version of loop, planners and materializers, and hashes of plug-ins"),
    }),
    facts: scalars,
    exclusions: z.array(exclusionSchema),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
    rows: z
      .object({
        count,
        constant: scalars.describe("Columns with one value in all rows"),
        columns: z.array(z.string()),
        values: z.array(z.array(scalar)).describe("One array per row, in the order of columns"),
      })
      .describe("A row is `constant` and its own values together"),
  })
  .describe("One cell of an experiment: one point of its grid, finished or failed");

/** One line of `runs.jsonl`. */
export const runLineSchema = z
  .object({
    version: z.literal(1),
    experiment: z.string(),
    command: z.array(z.string()).describe("Absolute paths are cut to their last part"),
    seed: z.int(),
    params: z.record(z.string(), z.array(z.unknown())),
    jobs: z.int().min(1),
    startedAt: z.iso.datetime(),
    status: z.enum(["finished", "some cells failed", "interrupted", "killed"]),
    wallUs: count.optional(),
    cpuUs: count.optional(),
    peakMemoryBytes: count.optional(),
    rows: count.optional(),
    resumed: count.describe("Cells there already when the run started"),
    quick: z.boolean().optional(),
    cellsHash: sha256.optional().describe("SHA-256 of cells.jsonl when the run ended"),
    keys: z.array(sha256).describe("Cells this run finished"),
    reuselab: z.string(),
    commit: z.string().nullable(),
    dirty: z.boolean().nullable(),
    node: z.string(),
    os: z.string(),
    cpu: z.string(),
    cores: z.int().min(1),
    memoryBytes: count,
    packages: z.record(z.string(), z.string()),
  })
  .describe("One run: where, when and with what its cells were made");

const claimSchema = z.object({
  experiment: z.string(),
  id: z.string(),
  claim: z.string().describe("The paper's sentence"),
  source: z.string(),
  expected: z.union([z.number(), z.string()]),
  got: z.union([z.number(), z.string(), z.null()]),
  unit: z.enum(["x", "share"]).optional(),
  band: z.tuple([z.number(), z.number()]).optional().describe("5 to 95 % where `got` is a median"),
  ceiling: z.number().optional().describe("Largest value any policy could reach"),
  attained: z.number().optional().describe("Share of the attainable saving"),
  tolerance: z.string().describe("Fixed before the run"),
  verdict: z.enum(verdicts),
  note: z.string().optional(),
});

/** Judged claims, as `meta.json` has them. */
export const claimsSchema = z.array(claimSchema).describe("Claims with their verdicts, as `meta.json` has them");

/** `meta.json` of a result folder. */
export const metaSchema = z
  .object({
    format: z.literal("reuselab.results"),
    version: z.literal(1),
    experiment: z.string(),
    experimentVersion: count,
    title: z.string(),
    reproduces: z.string(),
    quick: z.boolean(),
    seed: z.int(),
    params: z.record(z.string(), z.array(z.unknown())),
    cells: z.object({ total: count, done: count, failed: count, timeout: count, notRun: count }),
    executors: z.array(z.string()),
    charts: z.array(z.string()),
    claims: claimsSchema,
    tables: z.array(
      z.object({
        title: z.string(),
        note: z.string(),
        header: z.array(z.string()),
        rows: z.array(z.array(z.string())),
      }),
    ),
    exclusions: z.array(exclusionSchema),
    failures: z.array(z.object({ params: scalars, code: z.string(), message: z.string() })),
  })
  .describe("What a result folder holds, derived from its cells");

/** Every published schema of results by file name in `schemas/`. */
export function resultJsonSchemas(): Readonly<Record<string, object>> {
  const published = (name: string, title: string, schema: z.ZodType): [string, object] => {
    const { $schema, ...body } = z.toJSONSchema(schema, { io: "input", reused: "inline" });
    return [name, { $schema, $id: name, title, ...body }];
  };
  return Object.fromEntries([
    published("cells.v1.json", "reuselab cells.jsonl v1, one line", cellLineSchema),
    published("runs.v1.json", "reuselab runs.jsonl v1, one line", runLineSchema),
    published("claims.v1.json", "reuselab claims v1", claimsSchema),
    published("meta.v1.json", "reuselab meta.json v1", metaSchema),
  ]);
}
