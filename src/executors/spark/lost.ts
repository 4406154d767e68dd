import { ExecutorError } from "../../core/errors.ts";
import { SparkError } from "./errors.ts";

const again = "run the same command again: finished iterations and stored results are kept";

/**
 * A failure because the server lost what it held. With an executor of a cluster its checkpoints go, which Spark cannot compute
 * again; of models it keeps the hundred last used, each for an hour after its last use. A run that starts anew has both.
 */
export function lostOnServer(error: unknown): ExecutorError | undefined {
  if (!(error instanceof SparkError)) return undefined;
  if (/checkpoint\w* (?:rdd )?block|CHECKPOINT_RDD_BLOCK/iu.test(error.message))
    return new ExecutorError(`spark: an executor of the cluster was lost, and with it results it held; ${again}`, {
      cause: error,
    });
  if (error.errorClass === "CONNECT_ML.CACHE_INVALID")
    return new ExecutorError(`spark: the server has dropped a fitted model from its cache; ${again}`, { cause: error });
  return undefined;
}
