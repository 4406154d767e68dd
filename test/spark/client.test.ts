import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseSparkUrl } from "../../src/executors/spark/address.ts";
import { SparkSession } from "../../src/executors/spark/client.ts";
import { SparkError } from "../../src/executors/spark/errors.ts";
import { cached, parquet, sql } from "../../src/executors/spark/relations.ts";
import { useSparkServer } from "./shared-server.ts";

const spark = useSparkServer();

describe("the Spark Connect client", () => {
  test("collects every row of a result that comes in many batches", async () => {
    const session = spark.session();
    const table = await session.collect(sql("select id, id * 2.0D as twice from range(0, 450000)"));
    expect(table.numRows).toBe(450_000);
    let sum = 0;
    for (const value of table.getChild("twice")?.toArray() ?? []) sum += value as number;
    expect(sum).toBe(449_999 * 450_000);
  });

  test("an empty result is an empty table, not an error", async () => {
    expect((await spark.session().collect(sql("select id from range(10) where id > 50"))).numRows).toBe(0);
  });

  test("a checkpoint, a view on it and parquet hold the same rows", async () => {
    const session = spark.session();
    const folder = mkdtempSync(join(tmpdir(), "reuselab-spark-test-"));
    try {
      const id = await session.checkpoint(sql("select id, md5(cast(id as string)) as h from range(1000)"));
      await session.createView("held", cached(id));
      await session.writeParquet(cached(id), join(folder, "t.parquet"));
      const counts = async (from: Parameters<typeof session.collect>[0]): Promise<unknown> => {
        await session.createView("counted", from);
        return (await session.collect(sql("select count(*) as n, max(h) as m from counted"))).get(0)?.toJSON();
      };
      const expected = await counts(cached(id));
      expect(expected).toEqual({ n: 1000n, m: expect.stringMatching(/^f/u) });
      expect(await counts(sql("select * from held"))).toEqual(expected);
      expect(await counts(parquet(join(folder, "t.parquet")))).toEqual(expected);
      expect(readdirSync(join(folder, "t.parquet"))).toContain("_SUCCESS");
      await session.release(id);
      await expect(session.collect(cached(id))).rejects.toThrow(SparkError);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("rows written are counted by observed metrics, without a second pass", async () => {
    const session = spark.session();
    const folder = mkdtempSync(join(tmpdir(), "reuselab-spark-test-"));
    try {
      // Spark waits a tenth of a second for them and sends none if they are late: asked again on a busy machine.
      let rows: unknown;
      for (let i = 0; i < 20 && rows === undefined; i++) {
        const { observed } = await session.writeParquet(
          {
            relType: {
              case: "collectMetrics",
              value: {
                input: sql("select id from range(1234)"),
                name: "written",
                metrics: [
                  {
                    exprType: {
                      case: "alias",
                      value: {
                        name: ["rows"],
                        expr: {
                          exprType: {
                            case: "unresolvedFunction",
                            value: {
                              functionName: "count",
                              arguments: [
                                {
                                  exprType: { case: "literal", value: { literalType: { case: "integer", value: 1 } } },
                                },
                              ],
                            },
                          },
                        },
                      },
                    },
                  },
                ],
              },
            },
          },
          join(folder, "t.parquet"),
        );
        rows = observed.get("written")?.[0];
      }
      expect(rows).toBe(1234n);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("configuration belongs to the session", async () => {
    const [one, other] = [spark.session(), spark.session()];
    await one.configure({ "spark.sql.shuffle.partitions": "7" });
    expect((await one.configuration(["spark.sql.shuffle.partitions"])).get("spark.sql.shuffle.partitions")).toBe("7");
    expect((await other.configuration(["spark.sql.shuffle.partitions"])).get("spark.sql.shuffle.partitions")).toBe("2");
  });

  test("two plans of one session run side by side", async () => {
    const session = spark.session();
    const tables = await Promise.all([1, 2, 3].map((n) => session.collect(sql(`select ${n} as n`))));
    expect(tables.map((table) => table.get(0)?.toJSON()["n"] as number)).toEqual([1, 2, 3]);
  });
});

describe("errors", () => {
  test("carry Spark's error class, SQL state and message parameters", async () => {
    const error = await spark
      .session()
      .collect(sql("select nope from range(3)"))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SparkError);
    expect(error).toMatchObject({
      code: "E_EXECUTOR",
      errorClass: "UNRESOLVED_COLUMN.WITH_SUGGESTION",
      sqlState: "42703",
      messageParameters: { objectName: "`nope`", proposal: "`id`" },
      isTransport: false,
    });
    expect((error as SparkError).message).toContain("nope");
    expect((error as SparkError).message).not.toContain("\n");
  });

  test.each([
    ["select 1 / 0", "DIVIDE_BY_ZERO"],
    ["selec 1", "PARSE_SYNTAX_ERROR"],
    ["select cast('x' as int)", "CAST_INVALID_INPUT"],
    ["select * from parquet.`/nowhere/at/all`", "PATH_NOT_FOUND"],
  ])("%s is %s", async (query, errorClass) => {
    await expect(spark.session().collect(sql(query))).rejects.toMatchObject({ errorClass });
  });

  test.each([
    ["a wrong token", { token: "wrong" }],
    ["no token", {}],
  ])("%s is refused with a hint and nothing else", async (_title, given) => {
    const session = new SparkSession({ host: "127.0.0.1", port: spark.server().port, ...given });
    await expect(session.version()).rejects.toThrow(/another token/u);
    session.forget();
  });

  test("addresses are parsed or refused", () => {
    expect(parseSparkUrl("sc://host:15/;token=a%2Fb;use_ssl=true")).toEqual({
      host: "host",
      port: 15,
      token: "a/b",
      isSecure: true,
      isRemote: true,
    });
    expect(parseSparkUrl("sc://host")).toEqual({ host: "host", port: 15_002, isSecure: false, isRemote: true });
    expect(() => parseSparkUrl("spark://host:1")).toThrow(/sc:\/\/host:port/u);
  });
});

describe("stopping", () => {
  // Without a shuffle: Spark submits a shuffle's job apart, and one submitted just after the interrupt goes on (docs/spark.md).
  const endless = sql("select id from range(0, 4000000000000, 1, 2) where id % 3 = 5");

  test("a time-out interrupts the operation on the server: the next query is not held up", async () => {
    const session = spark.session();
    await expect(session.collect(endless, { timeoutMs: 800 })).rejects.toThrow(/interrupted/u);
    // The endless one would hold both cores for days.
    expect((await session.collect(sql("select 1 as n"), { timeoutMs: 300_000 })).numRows).toBe(1);
  });

  test("an abort interrupts the operation on the server", async () => {
    const session = spark.session();
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 500);
    await expect(session.collect(endless, { signal: abort.signal })).rejects.toMatchObject({ name: "AbortError" });
    expect((await session.collect(sql("select 1 as n"), { timeoutMs: 300_000 })).numRows).toBe(1);
  });
});
