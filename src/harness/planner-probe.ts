/**
 * Runs in a process of its own, one per planner: what the very first plan costs, and how much memory planning takes on top of
 * the loaded problems. Arguments: planner id, its parameters as JSON, a file of packed problems (first and largest), plug-in files.
 * Prints `{"coldUs","peakBytes"}`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { systemClock } from "../core/clock.ts";
import { plannerOf } from "./contenders.ts";
import { unpackProblems } from "./problem-binary.ts";
import { openPlugIns } from "./run-plug-ins.ts";

/** Peak resident memory in bytes; the kernel's high-water mark where it can be reset, else the process's own. */
function peakBytes(): number {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/u.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // not Linux
  }
  return process.resourceUsage().maxRSS * 1024;
}

function resetPeak(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // not Linux or not allowed: the mark then includes loading
  }
}

const [id, params, file, ...plugIns] = process.argv.slice(2);
const planner = plannerOf(id ?? "", (await openPlugIns(plugIns)).loaded);
const [first, largest] = unpackProblems(readFileSync(file ?? ""));
if (planner === undefined || first === undefined || largest === undefined) throw new Error(`planner-probe: ${id}`);
const parsed = JSON.parse(params ?? "{}") as object;
// What loading left behind would hide what planning takes; the second call waits for what the first one freed.
globalThis.gc?.();
globalThis.gc?.();
resetPeak();
const before = process.memoryUsage.rss();
const startUs = systemClock.nowUs();
planner.plan(first, parsed);
const coldUs = systemClock.nowUs() - startUs;
planner.plan(largest, parsed);
process.stdout.write(JSON.stringify({ coldUs, peakBytes: Math.max(0, peakBytes() - before) }));
