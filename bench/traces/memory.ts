/**
 * Peak memory of the commands that read traces, each in a process of its own, on traces of many iterations.
 *
 *     npx tsx bench/traces/memory.ts [--iterations 10000] [--nodes 1000] [--edited 1] [--only TEXT] [--write]
 *
 * Prints a table; `--write` puts it into results/traces/README.md. Needs the build in dist/.
 */
import { spawn } from "node:child_process";
import { createWriteStream, existsSync, statSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { UsageError } from "../../src/core/errors.ts";
import { longTrace } from "./long-trace.ts";

const limitMegabytes = 300;

const options = {
  iterations: { type: "string", default: "10000" },
  nodes: { type: "string", default: "1000" },
  edited: { type: "string", multiple: true, default: ["1", "0.0005"] as string[] },
  only: { type: "string", default: "" },
  program: { type: "string", default: "dist/src/cli/main.js" },
  write: { type: "boolean", default: false },
} as const;

/** Commands of the table; the trace comes last. */
const commands: readonly (readonly string[])[] = [
  ["validate"],
  ["stats"],
  ["simulate", "--system", "naive"],
  ["simulate", "--system", "keystoneml"],
  ["simulate", "--system", "helix"],
  ["simulate", "--system", "helix", "--budget", "10%"],
  ["simulate", "--system", "helix-demo", "--budget", "10GB"],
  ["simulate", "--system", "deepdive"],
  ["simulate", "--system", "collab", "--budget", "1GB"],
];

interface Usage {
  readonly megabytes: number;
  readonly seconds: number;
}

/** Runs the program and asks the process itself what it used when it ends. */
async function usageOf(program: string, args: readonly string[]): Promise<Usage> {
  const atExit =
    'import{writeSync}from"node:fs";process.on("exit",()=>writeSync(3,JSON.stringify(process.resourceUsage())))';
  const child = spawn(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(atExit)}`, program, ...args],
    { stdio: ["ignore", "ignore", "inherit", "pipe"] },
  );
  let text = "";
  (child.stdio[3] as Readable).on("data", (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => void child.on("close", resolve));
  if (code !== 0) throw new Error(`${args.join(" ")}: ended with code ${code}`);
  const { maxRSS, userCPUTime } = JSON.parse(text) as NodeJS.ResourceUsage;
  return { megabytes: (maxRSS * 1024) / 1e6, seconds: userCPUTime / 1e6 };
}

/** Runs the benchmark and prints its table; @returns 1 if a peak is not below the limit, else 0. */
export async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options });
  if (!existsSync(values.program)) throw new UsageError(`${values.program} is missing; run npm run build first`);
  const folder = await mkdtemp(join(tmpdir(), "reuselab-long-"));
  const lines: string[] = [];
  let worst = 0;
  const table = (): string => `# Memory on long traces

${values.iterations} iterations of ${values.nodes} nodes, read as a stream; Node ${process.version}, ${cpus()[0]?.model.trim() ?? "unknown"}. Written by \`npx tsx bench/traces/memory.ts --write\`.
The largest peak is ${worst.toFixed(0)} MB; it is meant to stay below ${limitMegabytes} MB.

| trace | command | peak memory, MB | user time, s |
| --- | --- | ---: | ---: |
${lines.join("\n")}
`;
  try {
    for (const edited of values.edited) {
      const path = join(folder, "long.jsonl");
      const shape = {
        iterations: Number(values.iterations),
        nodes: Number(values.nodes),
        edited: Number(edited),
        seed: 1,
      };
      await pipeline(Readable.from(longTrace(shape)), createWriteStream(path));
      const what =
        edited === "1" ? "every signature new" : `a node edited with p = ${edited}, all that follows from it new`;
      const size = (statSync(path).size / 1e9).toFixed(2);
      process.stderr.write(`${what}: ${size} GB\n`);
      for (const command of commands) {
        const says = command.join(" ");
        if (!says.includes(values.only)) continue;
        const args = [...command, path, "--format", "ndjson", "--progress", "none"];
        const { megabytes, seconds } = await usageOf(values.program, args);
        worst = Math.max(worst, megabytes);
        lines.push(`| ${what} | \`${says}\` | ${megabytes.toFixed(0)} | ${seconds.toFixed(0)} |`);
        process.stderr.write(`${says}: ${megabytes.toFixed(0)} MB, ${seconds.toFixed(0)} s\n`);
        if (!values.write) continue;
        await mkdir("results/traces", { recursive: true });
        await writeFile("results/traces/README.md", table());
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  process.stdout.write(table());
  return worst >= limitMegabytes ? 1 : 0;
}

if (process.argv[1]?.endsWith("memory.ts") === true) process.exitCode = await run(process.argv.slice(2));
