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

/** Waits for a condition, against hangs at most `seconds`. @returns what it is in the end */
export async function until(condition: () => boolean, seconds: number): Promise<boolean> {
  for (let i = 0; i < seconds * 10; i++) {
    if (condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return condition();
}

/** The command line, as a process of its own. */
export interface RunningCommand {
  readonly pid: number;
  readonly stderr: () => string;
  readonly stdout: () => string;
  readonly interrupt: () => void;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
}

/** Starts `reuselab …` from the sources. */
export function startCommand(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCommand {
  const child = spawn(process.execPath, ["--import", "tsx", "src/cli/main.ts", ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  return {
    pid: child.pid ?? 0,
    stderr: () => stderr,
    stdout: () => stdout,
    interrupt: () => void child.kill("SIGINT"),
    ended: new Promise((resolve) => child.once("close", resolve)),
  };
}
