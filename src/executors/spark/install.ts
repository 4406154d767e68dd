import { execFile, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { makeFolder } from "../store/make-folder.ts";
import { ExecutorError, MissingExecutorError } from "../../core/errors.ts";
import { findSparkJars, scalaVersion, sparkDownloadMebibytes, sparkJarsFolder, sparkVersion } from "./jars.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What an installation downloads, for people, before it starts. */
export const sparkDownloadNote = `Apache Spark ${sparkVersion} from Maven Central: about 195 jars, ${sparkDownloadMebibytes} MiB`;

/** What an installation ended with. */
export interface SparkInstallation {
  readonly folder: string;
  readonly jars: number;
  readonly bytes: number;
  readonly wasThere: boolean;
}

const modules = ["spark-sql", "spark-mllib", "spark-connect"];

/** Maven project that resolves to Spark's jars; rocksdbjni (72 MB, streaming state only) is left out. */
export function sparkPom(): string {
  const dependencies = modules.map(
    (name) =>
      `    <dependency><groupId>org.apache.spark</groupId><artifactId>${name}_${scalaVersion}</artifactId><version>${sparkVersion}</version>` +
      "<exclusions><exclusion><groupId>org.rocksdb</groupId><artifactId>rocksdbjni</artifactId></exclusion></exclusions></dependency>",
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.reuselab</groupId><artifactId>spark-jars</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
${dependencies.join("\n")}
  </dependencies>
</project>
`;
}

/** Every jar must be a whole zip archive: it ends in an end-of-central-directory record. */
function brokenJars(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jar"))
    .filter((name) => {
      const data = readFileSync(join(folder, name));
      return data.subarray(-65_557).lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06])) < 0;
    });
}

function summary(folder: string, wasThere: boolean): SparkInstallation {
  const jars = readdirSync(folder).filter((name) => name.endsWith(".jar"));
  return {
    folder,
    jars: jars.length,
    bytes: jars.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0),
    wasThere,
  };
}

/**
 * Resolves Spark's jars with Maven into the cache folder. Maven's own repository keeps what an interrupted run already
 * fetched, so a second run goes on; the folder appears under its final name only when every jar is whole.
 *
 * @throws {MissingExecutorError} without Maven
 * @throws {ExecutorError} when Maven fails or a jar is broken
 */
export async function installSpark(
  env: Env,
  options: { readonly force?: boolean; readonly signal?: AbortSignal; readonly onLine?: (line: string) => void },
): Promise<SparkInstallation> {
  const folder = sparkJarsFolder(env);
  const { SPARK_HOME: _, ...withoutHome } = env;
  if (options.force !== true && findSparkJars(withoutHome).missing.length === 0 && brokenJars(folder).length === 0)
    return summary(folder, true);
  const home = dirname(folder);
  const partial = join(home, "jars.partial");
  rmSync(partial, { recursive: true, force: true });
  makeFolder(partial);
  writeFileSync(join(home, "pom.xml"), sparkPom());
  await runMaven(
    ["-B", "-f", join(home, "pom.xml"), "dependency:copy-dependencies", `-DoutputDirectory=${partial}`],
    env,
    options,
  );
  const broken = brokenJars(partial);
  if (broken.length > 0)
    throw new ExecutorError(`spark install: ${broken.join(", ")} came incomplete; run the command again`);
  if (existsSync(folder)) rmSync(folder, { recursive: true });
  renameSync(partial, folder);
  const { missing } = findSparkJars(withoutHome);
  if (missing.length > 0) throw new ExecutorError(`spark install: ${missing.join(", ")} missing after the download`);
  return summary(folder, false);
}

function runMaven(
  args: readonly string[],
  env: Env,
  options: { readonly signal?: AbortSignal; readonly onLine?: (line: string) => void },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("mvn", args, {
      env: { ...env },
      stdio: ["ignore", "pipe", "pipe"],
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const tail: string[] = [];
    const take = (chunk: Buffer): void => {
      for (const line of chunk.toString().split("\n")) {
        if (line.trim() === "") continue;
        tail.push(line);
        if (tail.length > 30) tail.shift();
        options.onLine?.(line);
      }
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT")
        reject(
          new MissingExecutorError(
            "spark install: Maven is missing; install it, for example: apt-get install maven openjdk-17-jre-headless",
          ),
        );
      else reject(error);
    });
    child.once("exit", (code) => {
      if (code === 0) resolve();
      else
        reject(new ExecutorError(`spark install: Maven ended with code ${code}; its last lines:\n${tail.join("\n")}`));
    });
  });
}

/** First line of a program's version output, or undefined when it cannot be started. */
export async function programVersion(program: string, argument: string, env: Env): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, [argument], { env: { ...env }, timeout: 20_000 });
    return stripVTControlCharacters(`${stdout}${stderr}`)
      .split("\n")
      .find((line) => line.trim() !== "");
  } catch {
    return undefined;
  }
}
