import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SparkSession } from "../../src/executors/spark/client.ts";
import { sql } from "../../src/executors/spark/relations.ts";
import { parquetFilesIn, untilSeenAlike } from "../../src/executors/spark/shared-folder.ts";
import { useSparkServer } from "./shared-server.ts";

const spark = useSparkServer();
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-spark-shared-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("files that this process sees in another size than the engine are waited for, then named", async () => {
  const written = join(folder, "it's `here`");
  let afterAsking = (): void => {};
  class Asked extends SparkSession {
    override async collect(...asked: Parameters<SparkSession["collect"]>) {
      const answer = await super.collect(...asked);
      afterAsking();
      return answer;
    }
  }
  const { port, token } = spark.server();
  const session = new Asked({ host: "127.0.0.1", port, token });
  try {
    await session.writeParquet(sql("select id from range(0, 1000, 1, 2)"), written);
    const files = await parquetFilesIn(written);
    expect(files).toEqual(
      readdirSync(written)
        .filter((name) => name.endsWith(".parquet"))
        .toSorted(),
    );
    expect(files.length).toBeGreaterThan(0);
    await untilSeenAlike(session, written, { patienceUs: 0 });

    const path = join(written, files[0]!);
    const { size } = statSync(path);
    // As on a file system that shows a file late: another size for this process than the engine said.
    afterAsking = () => appendFileSync(path, "x");
    await expect(untilSeenAlike(session, written, { patienceUs: 2e5 })).rejects.toThrow(
      `${path} has ${size} bytes for the engine, and ${size + 1} for this process`,
    );
    truncateSync(path, size);
    afterAsking = () => {
      appendFileSync(path, "x");
      setTimeout(() => truncateSync(path, size), 300);
    };
    await untilSeenAlike(session, written, { patienceUs: 2e7 });
    expect(statSync(path).size).toBe(size);
  } finally {
    await session.close();
  }
});
