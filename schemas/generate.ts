/** Writes the published JSON Schema of trace lines beside this file: `npx tsx schemas/generate.ts`. */
import { writeFileSync } from "node:fs";
import { traceLineJsonSchema } from "../src/traces/format/schema.ts";

writeFileSync(new URL("trace.v1.json", import.meta.url), `${JSON.stringify(traceLineJsonSchema(), null, 2)}\n`);
