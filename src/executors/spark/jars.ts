import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The Spark release that is installed, spoken to and generated for: the one setting. */
export const sparkVersion = "4.0.1";

/** What an installation downloads, in MiB. */
export const sparkDownloadMebibytes = 256;

/** Scala line of the jars. */
export const scalaVersion = "2.13";

/** Jars a working installation cannot lack. */
const essentialJars = ["spark-sql", "spark-mllib", "spark-connect", "spark-core"];

type Env = Readonly<Record<string, string | undefined>>;

/** Folder of everything downloaded: `REUSELAB_CACHE`, else `XDG_CACHE_HOME/reuselab`, else `~/.cache/reuselab`. */
export function cacheFolder(env: Env): string {
  return env["REUSELAB_CACHE"] ?? join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "reuselab");
}

/** Folder the jars are installed into; named `jars`, so that its parent works as SPARK_HOME. */
export function sparkJarsFolder(env: Env): string {
  return join(cacheFolder(env), `spark-${sparkVersion}`, "jars");
}

/** Where the jars of a local Spark are and which of the essential ones are missing. */
export interface SparkJars {
  readonly folder: string;
  readonly origin: "SPARK_HOME" | "installed";
  readonly missing: readonly string[];
}

/** Looks for Spark's jars in `SPARK_HOME`, then in the cache folder; nothing is downloaded. */
export function findSparkJars(env: Env): SparkJars {
  const home = env["SPARK_HOME"];
  const folder = home === undefined || home === "" ? sparkJarsFolder(env) : join(home, "jars");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return {
    folder,
    origin: home === undefined || home === "" ? "installed" : "SPARK_HOME",
    missing: essentialJars.filter((jar) => !names.some((name) => name.startsWith(`${jar}_`) && name.endsWith(".jar"))),
  };
}
