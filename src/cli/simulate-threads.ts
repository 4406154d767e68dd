import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { UsageError } from "../core/errors.ts";
import type { OptionValues } from "./command.ts";
import type { SimulationPlan } from "./simulate-cells.ts";

/** Fewer cells than this are run faster than a thread starts; files beyond this many bytes are not held in memory. */
const worthCells = 400;
const smallBytes = 4_000_000;

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
  setFlagsFromString("--max-inlined-bytecode-size-cumulative=150");
  setFlagsFromString("--interrupt-budget=200000");
}
