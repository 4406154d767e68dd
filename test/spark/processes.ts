import { execFileSync, spawn } from "node:child_process";

/** Processes of one process group that live. */
export function processesOf(group: number): number {
  const table = execFileSync("ps", ["-eo", "pgid=,stat="]).toString().trim().split("\n");
  return table.filter((line) => {
    const [pgid, stat] = line.trim().split(/\s+/u);
    return Number(pgid) === group && stat?.startsWith("Z") !== true;
  }).length;
}

/** Process ids of the JVMs a process started. */
export function javaChildrenOf(parent: number): readonly number[] {
  const table = execFileSync("ps", ["-eo", "ppid=,pid=,comm="]).toString().trim().split("\n");
  return table
    .map((line) => line.trim().split(/\s+/u))
    .filter(([ppid, , name]) => Number(ppid) === parent && name === "java")
    .map(([, pid]) => Number(pid));
}

/** Waits for a condition, against hangs at most `seconds`. @returns what it is in the end; callers assert it */
export async function until(condition: () => boolean, seconds: number, everyMs = 100): Promise<boolean> {
  for (let i = 0; i < (seconds * 1000) / everyMs; i++) {
    if (condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return condition();
}

/** What a promise gives, if it does within `seconds`; otherwise an error that names what was waited for. */
export async function within<T>(seconds: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not done within ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The command line, as a process of its own. */
export interface RunningCommand {
  readonly pid: number;
  readonly stderr: () => string;
  readonly stdout: () => string;
  /** By Ctrl-C, unless another signal is given. */
  readonly interrupt: (signal?: NodeJS.Signals) => void;
  readonly hasEnded: () => boolean;
  /** Its exit code; a command that takes longer than `seconds` is killed, and the test fails with what it said. */
  readonly ended: (seconds?: number) => Promise<number | null>;
}

/** Starts `reuselab …` from the sources. */
export function startCommand(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCommand {
  const child = spawn(process.execPath, ["--import", "tsx", "src/cli/main.ts", ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  return {
    pid: child.pid ?? 0,
    stderr: () => stderr,
    stdout: () => stdout,
    interrupt: (signal = "SIGINT") => void child.kill(signal),
    hasEnded: () => child.exitCode !== null,
    ended: async (seconds = 120) => {
      try {
        return await within(seconds, `reuselab ${args.join(" ")}`, closed);
      } catch (error) {
        child.kill("SIGKILL");
        throw new Error(`${(error as Error).message}; it said:\n${stderr}`, { cause: error });
      }
    },
  };
}
