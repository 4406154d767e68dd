import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { access, constants, statfs } from "node:fs/promises";
import { freemem, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { makeFolder } from "../executors/store/make-folder.ts";
import type { Command, Effects } from "./command.ts";
import { renderRecords } from "./print-records.ts";

/** How a check went: `missing` takes one named thing away, `bad` makes the program unusable. */
type Status = "ok" | "missing" | "bad";

/** One line of the examination. */
interface Finding {
  readonly check: string;
  readonly status: Status;
  readonly found: string;
  /** What does not work without it, and how to get it; empty when all is well. */
  readonly remedy: string;
}

/** `reuselab doctor`: says what this machine can run and what is missing; exit 1 only if nothing can run. */
export const command: Command = {
  name: "doctor",
  summary: "say what this machine can run and what is missing",
  options: [],
  async run({ values }, effects) {
    const findings = await examine(effects);
    effects.stdout(
      renderRecords(
        findings.map((finding) => ({ ...finding })),
        ["check", "status", "found", "remedy"],
        values["format"],
      ),
    );
    return findings.some(({ status }) => status === "bad") ? 1 : 0;
  },
};

const gibibyte = 1024 ** 3;
const leastNode = [20, 19] as const;
const leastFreeBytes = 5 * gibibyte;
const leastMemoryBytes = 4 * gibibyte;
/** Heap of 2 GiB and what a JVM takes besides. */
const leastSparkBytes = 2.4 * gibibyte;

async function examine(effects: Effects): Promise<readonly Finding[]> {
  return [
    nodeVersion(process.versions.node),
    await duckdb(),
    await charts(),
    await java(effects),
    await maven(effects),
    await spark(effects),
    await cacheDisk(effects),
    await pageCache(),
    memory(),
  ];
}

function nodeVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const enough = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
  return enough
    ? fine("node", version)
    : {
        check: "node",
        status: "bad",
        found: version,
        remedy: "reuselab needs Node 20.19 or later; install it from nodejs.org",
      };
}

async function duckdb(): Promise<Finding> {
  try {
    const { openDatabase } = await import("../executors/duckdb/driver.ts");
    const database = await openDatabase({ memoryLimitBytes: gibibyte, threads: 1 });
    try {
      await database.query("SELECT 42");
      return fine("duckdb", database.version);
    } finally {
      await database.close();
    }
  } catch (error) {
    return absent("duckdb", reasonOf(error), "no real runs on DuckDB; get it: npm install @duckdb/node-api");
  }
}

async function charts(): Promise<Finding> {
  try {
    const { fontFiles } = await import("../report/font.ts");
    const { Resvg } = await import("@resvg/resvg-js");
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><text y="15" font-family="DejaVu Sans">A</text></svg>';
    const files = [...fontFiles()];
    const missing = files.filter((file) => !existsSync(file));
    if (missing.length > 0)
      return absent("charts", "font files are missing", "no text in PNG charts; get them: npm ci");
    const png = new Resvg(svg, { font: { fontFiles: files, loadSystemFonts: false } }).render().asPng();
    return fine("charts", `resvg, DejaVu fonts (${png.length} B test picture)`);
  } catch (error) {
    return absent("charts", reasonOf(error), "no PNG charts; get them: npm ci");
  }
}

async function java(effects: Effects): Promise<Finding> {
  const home = effects.env["JAVA_HOME"] ?? "";
  const bundled = join(home, "bin", "java");
  const answer = await firstLine(home !== "" && existsSync(bundled) ? bundled : "java", ["-version"], effects.env);
  const remedy =
    "no local Spark server; get Java 17 or 21, for example: apt-get install openjdk-17-jre-headless (or set JAVA_HOME)";
  if (answer === undefined) return absent("java", "not found", remedy);
  const major = Number(/version "(?:1\.)?(\d+)/u.exec(answer)?.[1] ?? 0);
  return major >= 17 ? fine("java", answer) : absent("java", answer, remedy);
}

async function maven(effects: Effects): Promise<Finding> {
  const answer = await firstLine("mvn", ["--version"], effects.env);
  return answer === undefined
    ? absent(
        "maven",
        "not found",
        "reuselab spark install needs it once; for example: apt-get install maven (or set SPARK_HOME)",
      )
    : fine("maven", answer);
}

async function spark(effects: Effects): Promise<Finding> {
  try {
    await import("@connectrpc/connect-node");
    await import("apache-arrow");
  } catch (error) {
    return absent("spark", reasonOf(error), "no runs on Spark; get its client's packages: npm ci");
  }
  const { findSparkJars, sparkDownloadMebibytes, sparkVersion } = await import("../executors/spark/jars.ts");
  const { folder, missing, origin } = findSparkJars(effects.env);
  if (missing.length > 0)
    return absent(
      "spark",
      `jars missing in ${folder}: ${missing.join(", ")}`,
      origin === "SPARK_HOME"
        ? "no local Spark; set SPARK_HOME to a Spark 4 distribution with Spark Connect, or unset it and: reuselab spark install (a running server needs neither: --spark sc://host:port)"
        : `no local Spark; get it (${sparkDownloadMebibytes} MiB, needs Maven once): reuselab spark install (or set SPARK_HOME; a running server needs neither: --spark sc://host:port)`,
    );
  return freemem() >= leastSparkBytes
    ? fine("spark", `${origin === "installed" ? sparkVersion : "of your own"} (${origin}: ${folder})`)
    : absent(
        "spark",
        `${gibibytes(freemem())} of memory free`,
        "a local server takes about 2.4 GiB; free some, or give it less: --memory 1GiB",
      );
}

async function cacheDisk(effects: Effects): Promise<Finding> {
  const { cacheFolder } = await import("../harness/datasets/folder.ts");
  const folder = cacheFolder(effects.env);
  try {
    makeFolder(folder);
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const found = `${gibibytes(free)} free for data and stores`;
    return free >= leastFreeBytes
      ? fine("disk", found)
      : absent("disk", found, "large scales may fill the disk; free 5 GiB, or set REUSELAB_CACHE to another folder");
  } catch (error) {
    return absent(
      "disk",
      reasonOf(error),
      "no generated or fetched data; set REUSELAB_CACHE to a folder that can be written",
    );
  }
}

async function pageCache(): Promise<Finding> {
  const { dropFromPageCache } = await import("../executors/store/page-cache.ts");
  return (await dropFromPageCache(fileURLToPath(import.meta.url)))
    ? fine("cold reads", "the page cache can be dropped per file")
    : absent(
        "cold reads",
        "the page cache cannot be dropped",
        "loads are measured warm and say so; needs Linux with GNU dd (coreutils)",
      );
}

function memory(): Finding {
  const total = containerLimit() ?? totalmem();
  const found = `${gibibytes(total)}, ${gibibytes(Math.min(freemem(), total))} free`;
  return total >= leastMemoryBytes
    ? fine("memory", found)
    : absent("memory", found, "scale 100 needs about 8 GiB, scale 1 about 1 GiB; use smaller scales");
}

/** Memory limit of the container, if there is one below the machine's. */
function containerLimit(): number | undefined {
  try {
    const limit = Number(readFileSync("/sys/fs/cgroup/memory.max", "utf8"));
    return Number.isFinite(limit) && limit < totalmem() ? limit : undefined;
  } catch {
    return undefined;
  }
}

function fine(check: string, found: string): Finding {
  return { check, status: "ok", found, remedy: "" };
}

function absent(check: string, found: string, remedy: string): Finding {
  return { check, status: "missing", found, remedy };
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}

function gibibytes(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`;
}

/** First line a program prints on either stream; undefined if it cannot be run. */
function firstLine(program: string, args: readonly string[], env: Effects["env"]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, [...args], { timeout: 20_000, env }, (error, stdout, stderr) => {
      const line = stripVTControlCharacters(`${stdout}${stderr}`)
        .split("\n")
        .find((text) => text.trim() !== "" && !text.startsWith("Picked up"));
      resolve(error === null ? line?.trim() : undefined);
    });
  });
}
