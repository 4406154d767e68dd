import { afterAll, beforeAll } from "vitest";
import { SparkSession } from "../../src/executors/spark/client.ts";
import { type SparkServer, startSparkServer } from "../../src/executors/spark/server.ts";

/** One real server for a test file; `session()` opens an isolated Spark session on it. */
export function useSparkServer(): { server(): SparkServer; session(): SparkSession } {
  let server: SparkServer | undefined;
  const sessions: SparkSession[] = [];
  beforeAll(async () => {
    server = await startSparkServer();
  }, 180_000);
  afterAll(async () => {
    for (const session of sessions) await session.close();
    await server?.stop();
  }, 60_000);
  const running = (): SparkServer => {
    if (server === undefined) throw new Error("the server is not up");
    return server;
  };
  return {
    server: running,
    session() {
      const { port, token } = running();
      const session = new SparkSession({ host: "127.0.0.1", port, token });
      sessions.push(session);
      return session;
    },
  };
}
