import type { TestProject } from "vitest/node";
import { type SparkServer, startSparkServer } from "../../src/executors/spark/server.ts";
import { quickJava } from "./quick-java.ts";

/** Where the server that the Spark tests share is. */
export interface SharedSparkServer {
  readonly port: number;
  readonly token: string;
  readonly pid: number;
}

declare module "vitest" {
  interface ProvidedContext {
    sparkServer: SharedSparkServer;
  }
}

let server: SparkServer | undefined;

/** One real server for all test files of a run. */
export async function setup(project: TestProject): Promise<void> {
  server = await startSparkServer({
    env: { ...process.env, JAVA_TOOL_OPTIONS: quickJava },
    startTimeoutMs: 900_000,
  });
  const { port, token, pid } = server;
  project.provide("sparkServer", { port, token, pid });
}

export async function teardown(): Promise<void> {
  await server?.stop();
}
