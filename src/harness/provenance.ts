/** Where and when results were made: one line per run in `runs.jsonl`, never in the results themselves. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The machine and the software; no host name, no absolute path. */
export interface Provenance {
  readonly reuselab: string;
  readonly commit: string | null;
  readonly dirty: boolean | null;
  readonly node: string;
  readonly os: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly packages: Readonly<Record<string, string>>;
}

/** How a run ended. */
export type RunStatus = "finished" | "some cells failed" | "interrupted" | "killed";

/** One line of `runs.jsonl`. */
export interface RunRecord extends Provenance {
  readonly version: 1;
  readonly experiment: string;
  /** Command line; absolute paths are cut to their last part. */
  readonly command: readonly string[];
  readonly seed: number;
  readonly params: Readonly<Record<string, readonly unknown[]>>;
  readonly jobs: number;
  readonly startedAt: string;
  readonly status: RunStatus;
  readonly wallUs?: number;
  readonly cpuUs?: number;
  readonly peakMemoryBytes?: number;
  readonly rows?: number;
  /** Cells already there when the run started. */
  readonly resumed: number;
  readonly quick?: boolean;
  /** SHA-256 of `cells.jsonl` when the run ended: tables and charts were derived from these. */
  readonly cellsHash?: string;
  /** Keys of the cells this run finished. */
  readonly keys: readonly string[];
}

/** Folder of the package: the one with its package.json, seen from sources and from the build alike. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const file = join(folder, "package.json");
    if (existsSync(file) && readFileSync(file, "utf8").includes('"name": "reuselab"')) return folder;
    const up = dirname(folder);
    if (up === folder) return folder;
    folder = up;
  }
}

function git(root: string, ...args: string[]): string | null {
  try {
    return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return null;
  }
}

let known: Provenance | undefined;

/** Collects provenance once per process; `commit` and `dirty` (of the code) are null outside a git checkout of the package itself. */
export function provenance(): Provenance {
  if (known !== undefined) return known;
  const root = packageRoot();
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly version: string;
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly optionalDependencies?: Readonly<Record<string, string>>;
  };
  const packages: Record<string, string> = {};
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }).sort()) {
    const file = join(root, "node_modules", name, "package.json");
    if (existsSync(file)) packages[name] = (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  }
  const inCheckout = existsSync(join(root, ".git"));
  const changes = inCheckout
    ? git(root, "status", "--porcelain", "--untracked-files=no", "--", "src", "experiments", "package.json")
    : null;
  const processors = cpus();
  known = {
    reuselab: manifest.version,
    commit: inCheckout ? git(root, "rev-parse", "HEAD") : null,
    dirty: changes === null ? null : changes !== "",
    node: process.version,
    os: `${platform()} ${release()} ${arch()}`,
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryBytes: totalmem(),
    packages,
  };
  return known;
}

/** The command line without the program and without absolute paths. */
export function commandLine(argv: readonly string[]): readonly string[] {
  return argv.slice(2).map((argument) => {
    const at = argument.indexOf("=");
    const value = argument.slice(at + 1);
    return isAbsolute(value) ? argument.slice(0, at + 1) + basename(value) : argument;
  });
}
