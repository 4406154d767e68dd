/** Starts worker threads from the build and from sources alike. */
import { extname } from "node:path";
import { Worker, type WorkerOptions } from "node:worker_threads";

/** What a worker may take. */
export interface ThreadLimits {
  /** Bytes of memory; undefined = Node's own limit. */
  readonly memoryBytes?: number;
}

/** Address of a module beside another one, with its extension: `.ts` in sources, `.js` in the build. */
export function moduleBeside(name: string, importer: string): URL {
  return new URL(`./${name}${extname(new URL(importer).pathname)}`, importer);
}

/**
 * Starts a worker thread.
 * @param url of its module
 * @param more addresses of modules it will import, which may be sources where it is not
 */
export function startThread(
  url: URL,
  workerData: unknown,
  { memoryBytes }: ThreadLimits = {},
  more: readonly string[] = [],
): Worker {
  const limits =
    memoryBytes === undefined
      ? {}
      : { resourceLimits: { maxOldGenerationSizeMb: Math.max(16, Math.floor(memoryBytes / (1024 * 1024))) } };
  const isSource = [url.pathname, ...more].some((address) => address.endsWith(".ts"));
  const worker = isSource ? sourceWorker(url, { workerData, ...limits }) : new Worker(url, { workerData, ...limits });
  // One that fails while it is being ended has nobody left to tell.
  worker.on("error", () => {});
  return worker;
}

function sourceWorker(url: URL, options: WorkerOptions): Worker {
  // From sources: the loader has to be in place before the first TypeScript file is imported.
  const loader = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const start = `import(${loader}).then(({ register }) => { register(); return import(${JSON.stringify(url.href)}); });`;
  return new Worker(start, { eval: true, ...options });
}
