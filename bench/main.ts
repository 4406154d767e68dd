/**
 * `npm run bench`: what must be reached, measured on this machine.
 *
 *     npm run bench                          both short ones: overhead on DuckDB, answering times
 *     npm run bench -- --list
 *     npm run bench -- overhead --quick      one of them, with its own options
 *
 * Ends with 1 if a figure is not reached. Other benchmarks are run by their own files.
 */
import { run as answeringTimes } from "./cli/times.ts";
import { run as overhead } from "./duckdb/overhead.ts";

interface Bench {
  readonly id: string;
  readonly must: string;
  readonly takes: string;
  readonly run: (argv: readonly string[]) => number | Promise<number>;
  /** Run only when named. */
  readonly isLong?: true;
}

const benches: readonly Bench[] = [
  {
    id: "times",
    must: "reuselab --help < 150 ms; every system, 8 budgets, all committed traces simulated in < 2 s",
    takes: "half a minute",
    run: answeringTimes,
  },
  {
    id: "overhead",
    must: "on DuckDB, initial run ≥ 20 s: ≤ 1.03 of the same statements by hand; without reuse ≤ 1.10 of SQL fused by hand",
    takes: "half an hour; --quick: a tenth of the rows, 3 minutes",
    run: overhead,
  },
  {
    id: "memory",
    must: "10,000 iterations of 1,000 nodes in < 300 MB: validate, stats, simulate",
    takes: "an hour",
    run: async (argv) => (await import("./traces/memory.ts")).run(argv),
    isLong: true,
  },
];

async function main([first, ...rest]: readonly string[]): Promise<number> {
  if (first === "--list") {
    for (const { id, must, takes } of benches) print(`${id.padEnd(10)}${must} (${takes})`);
    return 0;
  }
  const isNamed = first !== undefined && !first.startsWith("-");
  const named = benches.find(({ id }) => id === first);
  if (isNamed && named === undefined) {
    process.stderr.write(`bench "${first}": is unknown; expected one of ${benches.map(({ id }) => id).join(", ")}\n`);
    return 2;
  }
  if (named !== undefined) return one(named, rest);
  const options = first === undefined ? [] : [first, ...rest];
  let code = 0;
  for (const bench of benches)
    if (bench.isLong !== true) code = Math.max(code, await one(bench, bench.run === overhead ? options : []));
  return code;
}

async function one({ id, must, takes, run }: Bench, argv: readonly string[]): Promise<number> {
  print(`\n== ${id}: ${must} (${takes})\n`);
  return run(argv);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await main(process.argv.slice(2));
