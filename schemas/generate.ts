/** Writes the published JSON Schemas of trace lines and results beside this file: `npx tsx schemas/generate.ts`. */
import { writeFileSync } from "node:fs";
import { resultJsonSchemas } from "../src/harness/result-schemas.ts";
import { traceLineJsonSchema } from "../src/traces/format/schema.ts";

const schemas = { "trace.v1.json": traceLineJsonSchema(), ...resultJsonSchemas() };
for (const [name, schema] of Object.entries(schemas))
  writeFileSync(new URL(name, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
