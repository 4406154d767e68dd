import { afterAll, inject } from "vitest";
import { SparkSession } from "../../src/executors/spark/client.ts";
import type { SharedSparkServer } from "./global-server.ts";

/** The real server all test files share; `session()` opens an isolated Spark session on it. Nobody may stop it. */
export function useSparkServer(): { server(): SharedSparkServer; session(): SparkSession } {
  const sessions: SparkSession[] = [];
  afterAll(async () => {
    for (const session of sessions) await session.close();
  });
  const server = (): SharedSparkServer => inject("sparkServer");
  return {
    server,
    session() {
      const { port, token } = server();
      const session = new SparkSession({ host: "127.0.0.1", port, token });
      sessions.push(session);
      return session;
    },
  };
}
