/**
 * One writer per store. Every contender first announces itself by a file of its own, named after its process id, the time that
 * process started and the machine's boot; then it looks for others. Who sees a live one takes its own announcement back, so two
 * live writers can never both go on, and an announcement of a dead process may be deleted by anyone at any time, since its name
 * never becomes valid again. (A single lock file has no such rule: of two that find it stale, the slower deletes the quicker one's.)
 *
 * A store on a network disk is not protected from a writer on another machine.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StoreError } from "../../core/errors.ts";
import { errnoOf, hashText } from "./durable-files.ts";

/** Lock files are called `lock-PID-START-BOOT`. */
export const lockPattern = /^lock-(\d+)-([0-9a-z]+)-([0-9a-z]+)$/u;

/** A held lock. */
export interface WriterLock {
  readonly path: string;
  /** Gives the lock back; harmless when repeated. */
  release(): void;
}

const attempts = 4;

/**
 * Takes the writer's lock of a store folder; the lock of a process that was killed is taken over.
 *
 * @throws {StoreError} when a live process holds it, this one included
 */
export async function acquireWriterLock(folder: string): Promise<WriterLock> {
  const start = startOf(process.pid) ?? "x";
  const name = `lock-${process.pid}-${start}-${bootId()}`;
  const path = join(folder, name);
  for (let attempt = 1; ; attempt++) {
    try {
      writeFileSync(
        path,
        `process ${process.pid} writes to this store; the file is void once that process has ended\n`,
        {
          flag: "wx",
        },
      );
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw error;
      throw new StoreError(
        `store ${folder}: this process has it open for writing already; close it first or open it read-only`,
        { cause: error },
      );
    }
    const holder = liveHolder(folder, name);
    if (holder === undefined) return { path, release: () => rmSync(path, { force: true }) };
    rmSync(path, { force: true });
    if (attempt === attempts)
      throw new StoreError(
        `store ${folder}: process ${holder.pid} writes to it; there is one writer at a time: wait for that process, open the store read-only${holder.isForeign ? `, or, if that process (of another container) has ended, delete ${holder.name}` : ""}`,
      );
    // Two that announced themselves at one moment both step back; unequal waits let one of them pass.
    await sleep(attempt * 5 + (process.pid % 17));
  }
}

interface Holder {
  readonly pid: number;
  readonly name: string;
  readonly isForeign: boolean;
}

/** Deletes announcements of the dead; @returns a live one other than `own`. */
function liveHolder(folder: string, own: string): Holder | undefined {
  let found: Holder | undefined;
  for (const name of readdirSync(folder)) {
    const match = lockPattern.exec(name);
    if (match === null || name === own) continue;
    const pid = Number(match[1]);
    const boot = match[3] ?? "";
    const isForeign = boot !== bootId() && boot.slice(0, 8) === bootId().slice(0, 8);
    if (isForeign || isAlive(pid, match[2] ?? "", boot)) found = { pid, name, isForeign };
    else rmSync(join(folder, name), { force: true });
  }
  return found;
}

function isAlive(pid: number, start: string, boot: string): boolean {
  if (boot !== bootId()) return false;
  const now = startOf(pid);
  return now !== undefined && (now === start || now === "x" || start === "x");
}

let boot: string | undefined;

/** Eight characters for the machine's boot, eight for the space of process ids (containers have their own). */
function bootId(): string {
  if (boot !== undefined) return boot;
  let machine = "x";
  let space = "x";
  try {
    machine = readFileSync("/proc/sys/kernel/random/boot_id", "utf8");
    space = readlinkSync("/proc/self/ns/pid");
  } catch {
    // not Linux: process ids and start times must do
  }
  boot = hashText(machine).slice(0, 8) + hashText(space).slice(0, 8);
  return boot;
}

/** When a process started, as an opaque text; "x" if that cannot be known; undefined if there is no such process. */
function startOf(pid: number): string | undefined {
  if (process.platform === "linux") {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const state = fields[0];
      return state === "Z" || state === "X" ? undefined : fields[19];
    } catch (error) {
      const errno = errnoOf(error);
      return errno === "ENOENT" || errno === "ESRCH" ? undefined : "x";
    }
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    return errnoOf(error) === "EPERM" ? "x" : undefined;
  }
  if (process.platform === "win32") return "x";
  try {
    return hashText(execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim()).slice(0, 16);
  } catch {
    return "x";
  }
}
