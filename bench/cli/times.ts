/**
 * Wall time of commands that must answer quickly, each in a process of its own: the help, and all systems under eight budgets
 * on all committed traces.
 *
 *     npx tsx bench/cli/times.ts [--repetitions 9]
 *
 * Needs the build in dist/.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { UsageError } from "../../src/core/errors.ts";

const program = "dist/src/cli/main.js";
const budgets = "1%,5%,10%,25%,50%,100%,10GB,none";

/** Runs the benchmark and prints its table; @returns 1 if a time is above its limit, else 0. */
export function run(argv: readonly string[]): number {
  const { values } = parseArgs({ args: [...argv], options: { repetitions: { type: "string", default: "9" } } });
  if (!existsSync(program)) throw new UsageError(`${program} is missing; run npm run build first`);
  const repetitions = Number(values.repetitions);
  const traces = readdirSync("experiments/traces")
    .filter((name) => name.endsWith(".jsonl.gz"))
    .sort()
    .map((name) => `experiments/traces/${name}`);
  const commands = [
    { says: "reuselab --help", args: ["--help"], limitMs: 150 },
    {
      says: `reuselab simulate (${traces.length} traces, every system, 8 budgets)`,
      args: ["simulate", ...traces, "--budget", budgets, "--format", "json", "--quiet"],
      limitMs: 2000,
    },
  ];
  const times = commands.map((): number[] => []);
  for (let r = 0; r < repetitions; r++)
    for (const [i, { args }] of commands.entries()) {
      const from = performance.now();
      const { status } = spawnSync(process.execPath, [program, ...args], { stdio: ["ignore", "ignore", "inherit"] });
      times[i]!.push(performance.now() - from);
      if (status !== 0) throw new Error(`${args.join(" ")}: ended with code ${status}`);
    }
  const lines = commands.map(({ says, limitMs }, i) => {
    const sorted = times[i]!.toSorted((a, b) => a - b);
    const ms = sorted[sorted.length >> 1]!;
    const range = `${sorted[0]!.toFixed(0)}–${sorted.at(-1)!.toFixed(0)}`;
    return {
      missed: ms >= limitMs,
      text: `| ${says} | ${ms.toFixed(0)} | ${range} | ${limitMs} | ${ms < limitMs ? "reached" : "**missed**"} |`,
    };
  });
  process.stdout.write(
    `Wall time, ${repetitions} runs in turns, Node ${process.version}\n\n| command | median, ms | range | below | |\n| --- | ---: | --- | ---: | --- |\n${lines.map(({ text }) => `${text}\n`).join("")}`,
  );
  return lines.some(({ missed }) => missed) ? 1 : 0;
}

if (process.argv[1]?.endsWith("times.ts") === true) process.exitCode = run(process.argv.slice(2));
