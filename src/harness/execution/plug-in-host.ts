import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExecutorError } from "../../core/errors.ts";
import type { ExecutorPlugIn } from "../plug-ins/loaded.ts";
import type { EngineHost, HostOptions } from "./engines.ts";

/** A plug-in's executor as an engine: where no folder is given, it stores in a temporary one that goes when it closes. */
export function openPlugInHost(plugIn: ExecutorPlugIn, { signal }: HostOptions): Promise<EngineHost> {
  return Promise.resolve({
    async open({ storeFolder }) {
      const temporary = storeFolder === undefined ? await mkdtemp(join(tmpdir(), "reuselab-executor-")) : undefined;
      const executor = await opened(plugIn, storeFolder ?? temporary ?? "", signal);
      if (temporary === undefined) return executor;
      const close = executor.close.bind(executor);
      executor.close = async () => {
        await close();
        await rm(temporary, { recursive: true, force: true });
      };
      return executor;
    },
    identity: plugIn.id,
    close: () => Promise.resolve(),
  });
}

const methods = ["compute", "write", "load", "release", "evict", "stored", "close"];

/** @throws {ExecutorError} naming the plug-in, when it cannot be opened or what it opens is no executor */
async function opened(
  plugIn: ExecutorPlugIn,
  storeFolder: string,
  signal?: AbortSignal,
): ReturnType<ExecutorPlugIn["open"]> {
  let executor: Awaited<ReturnType<ExecutorPlugIn["open"]>>;
  try {
    executor = await plugIn.open({ storeFolder, ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ExecutorError(`executor ${plugIn.id}: cannot be opened: ${why}`, { cause: error });
  }
  const given = executor as unknown as Readonly<Record<string, unknown>> | undefined;
  const missing = methods.filter((name) => typeof given?.[name] !== "function");
  if (missing.length === 0) return executor;
  throw new ExecutorError(`executor ${plugIn.id}: what open() gives lacks ${missing.join(", ")}`);
}
