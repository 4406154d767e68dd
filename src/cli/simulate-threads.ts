import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import type { Worker } from "node:worker_threads";
import { UsageError } from "../core/errors.ts";
import { moduleBeside, startThread } from "../harness/worker-thread.ts";
import type { OptionValues } from "./command.ts";
import { listOption } from "./list-option.ts";
import type { SimulationPlan } from "./simulate-cells.ts";

/** Fewer cells than this are run faster than a thread starts; files beyond this many bytes are not held in memory. */
const worthCells = 400;
const smallBytes = 4_000_000;

/** More threads than this are not started before all options are checked. */
const maxEarly = 8;

/** Systems that run when none is named: so many or more. */
const allSystems = 14;

/**
 * The threads that `--jobs` asks for (default: one per processor), where several small traces have enough cells to be worth it.
 *
 * @throws {UsageError} when `--jobs` is no number of threads
 */
export function threadCount(
  values: OptionValues,
  paths: readonly string[],
  { contenders, budgets }: SimulationPlan,
): number {
  const text = values["jobs"];
  const asked = text === undefined ? availableParallelism() : Number(text);
  if (!Number.isSafeInteger(asked) || asked < 1)
    throw new UsageError(`--jobs "${String(text)}": expected a number of threads, 1 or more`);
  const cells = paths.length * budgets.length * contenders.reduce((sum, { params }) => sum + params.length, 0);
  const areSmall = paths.every(isSmallFile);
  return areSmall && cells >= worthCells ? Math.min(asked, paths.length) : 1;
}

/**
 * Starts the other threads as soon as it is likely that {@link threadCount} will ask for them, so that they load while this one
 * does; none where it is not.
 */
export function startEarly(values: OptionValues, paths: readonly string[]): readonly Worker[] {
  const asked = values["jobs"] === undefined ? availableParallelism() : Number(values["jobs"]);
  const isAlone = ["timeout", "graph", "dryRun", "planner"].some((name) => values[name] !== undefined);
  const count = (name: string): number => listOption(values[name]).join(",").split(",").filter(Boolean).length;
  const cells = paths.length * Math.max(1, count("budget")) * (count("system") || allSystems);
  if (isAlone || !(asked > 1) || !(asked <= maxEarly) || cells < worthCells || !paths.every(isSmallFile)) return [];
  return Array.from({ length: Math.min(asked, paths.length) - 1 }, startShareThread);
}

/** Starts a thread that waits for what it shall take part in. */
export function startShareThread(): Worker {
  return startThread(moduleBeside("simulate-share-worker", import.meta.url), undefined);
}

/** False also for what cannot be looked at: opening it says why. */
function isSmallFile(path: string): boolean {
  try {
    const found = statSync(path);
    return found.isFile() && found.size <= smallBytes;
  } catch {
    return false;
  }
}

/**
 * Has Node compile fewer functions and inline less of them, in all threads: a run of some seconds over small traces does not
 * earn back what the optimizing compiler takes by default.
 */
export function compileLess(): void {
  for (const flag of fewerFlags[process.versions.node.split(".")[0]!] ?? []) setFlagsFromString(flag);
}

const lessInlining = "--max-inlined-bytecode-size-cumulative=150";
/** Options by major version of Node: another one may not know them, and would say so on stderr. */
const fewerFlags: Readonly<Record<string, readonly string[]>> = {
  20: [lessInlining, "--interrupt-budget=200000"],
  22: [lessInlining],
  24: [lessInlining],
};
