import { UsageError } from "../core/errors.ts";
import type { HostOptions } from "../harness/execution/engines.ts";
import type { OptionValues } from "./command.ts";

/** Spark's server and patience as `execute` is told them. @throws {UsageError} for an option of a run elsewhere, two servers, or no time */
export function sparkOptions(
  values: OptionValues,
  executor: string,
): Pick<HostOptions, "sparkUrl" | "sparkMaster" | "sparkWaitMs"> {
  const { spark: sparkUrl, sparkMaster, sparkWait } = values;
  if (executor !== "spark" && [sparkUrl, sparkMaster, sparkWait].some((value) => value !== undefined))
    throw new UsageError(
      `--spark, --spark-master and --spark-wait: the executor is "${executor}"; expected --executor spark`,
    );
  if (sparkUrl !== undefined && sparkMaster !== undefined)
    throw new UsageError("--spark and --spark-master: a running server has its master already; give one of the two");
  if (sparkWait !== undefined && !(Number(sparkWait) > 0 && Number.isFinite(Number(sparkWait))))
    throw new UsageError(`--spark-wait "${String(sparkWait)}": expected seconds above 0`);
  return {
    ...(typeof sparkUrl === "string" ? { sparkUrl } : {}),
    ...(typeof sparkMaster === "string" ? { sparkMaster } : {}),
    ...(sparkWait === undefined ? {} : { sparkWaitMs: Number(sparkWait) * 1000 }),
  };
}
