import { UsageError } from "../core/errors.ts";
import type { Command, Effects, OptionValues } from "./command.ts";

/** `reuselab spark install | status | cluster start | cluster stop`. */
export const command: Command = {
  name: "spark",
  summary: "get Spark, and run a small cluster on this machine",
  arguments: "<action> [sub]",
  options: [
    { flags: "--force", description: "install again even if it is there" },
    { flags: "--workers <n>", description: "workers of a cluster, one core each", default: "2" },
    { flags: "--dry-run", description: "say what would be done" },
  ],
  run,
};

async function run(
  input: { readonly values: OptionValues; readonly positionals: readonly string[] },
  effects: Effects,
): Promise<number> {
  const action = input.positionals.join(" ");
  if (action === "install") return install(input.values, effects);
  if (action === "status") return status(input.values, effects);
  if (action === "cluster start") return startCluster(input.values, effects);
  if (action === "cluster stop") return stopCluster(input.values, effects);
  throw new UsageError(`spark: "${action}" is unknown; expected install, status, cluster start or cluster stop`);
}

function print(values: OptionValues, effects: Effects, data: Readonly<Record<string, unknown>>, text: string): void {
  effects.stdout(
    values["format"] === "json" || values["format"] === "ndjson" ? `${JSON.stringify(data)}\n` : `${text}\n`,
  );
}

async function install(values: OptionValues, effects: Effects): Promise<number> {
  const { installSpark, sparkDownloadNote } = await import("../executors/spark/install.ts");
  const isQuiet = values["quiet"] === true;
  if (!isQuiet) effects.stderr(`${sparkDownloadNote}\n`);
  if (values["dryRun"] === true) return 0;
  const installed = await installSpark(effects.env, {
    force: values["force"] === true,
    signal: effects.signal,
    onLine: (line) => {
      if (!isQuiet && effects.isTerminal && /Copying|Downloaded from/u.test(line)) effects.stderr(`${line}\n`);
    },
  });
  const mebibytes = Math.round(installed.bytes / 1024 / 1024);
  print(
    values,
    effects,
    { ...installed },
    `${installed.jars} jars, ${mebibytes} MiB ${installed.wasThere ? "are there already" : "installed"}`,
  );
  return 0;
}

async function status(values: OptionValues, effects: Effects): Promise<number> {
  const { findSparkJars, sparkVersion } = await import("../executors/spark/jars.ts");
  const { runningCluster } = await import("../executors/spark/cluster.ts");
  const jars = findSparkJars(effects.env);
  const cluster = runningCluster(effects.env);
  const state =
    jars.missing.length === 0
      ? `found (${jars.origin})`
      : `missing: ${jars.missing.join(", ")}; run "reuselab spark install"`;
  print(
    values,
    effects,
    { version: sparkVersion, origin: jars.origin, missing: jars.missing, cluster: cluster?.master ?? null },
    `Spark ${sparkVersion}: ${state}\ncluster: ${cluster === undefined ? "none" : `${cluster.master}, ${cluster.workers} workers`}`,
  );
  return 0;
}

async function startCluster(values: OptionValues, effects: Effects): Promise<number> {
  const workers = Number(values["workers"]);
  if (!Number.isInteger(workers) || workers < 1 || workers > 64)
    throw new UsageError(`spark: --workers ${String(values["workers"])}: expected a whole number from 1 to 64`);
  const { startSparkCluster } = await import("../executors/spark/cluster.ts");
  const cluster = await startSparkCluster(effects.env, workers);
  print(
    values,
    effects,
    { master: cluster.master, workers },
    `${cluster.master} with ${workers} workers; use it with --spark-master ${cluster.master}`,
  );
  return 0;
}

async function stopCluster(values: OptionValues, effects: Effects): Promise<number> {
  const { stopSparkCluster } = await import("../executors/spark/cluster.ts");
  const wasRunning = stopSparkCluster(effects.env);
  print(values, effects, { stopped: wasRunning }, wasRunning ? "stopped" : "no cluster was running");
  return 0;
}
