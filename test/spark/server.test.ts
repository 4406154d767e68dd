import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SparkSession } from "../../src/executors/spark/client.ts";
import { sql } from "../../src/executors/spark/relations.ts";
import { startSparkServer } from "../../src/executors/spark/server.ts";
import { processesOf, until, within } from "./processes.ts";
import { useSparkServer } from "./shared-server.ts";

const shared = useSparkServer();
/** 127.0.0.1 as the kernel prints it: in a table of its own, and mapped into IPv6; ::1. */
const loopback = ["0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"];

/** A file that was closed meanwhile has none. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

describe("a local Spark server", () => {
  test("missing jars are named, with the command that gets them", async () => {
    const empty = mkdtempSync(join(tmpdir(), "reuselab-empty-"));
    try {
      await expect(
        startSparkServer({ env: { ...process.env, SPARK_HOME: undefined, REUSELAB_CACHE: empty } }),
      ).rejects.toMatchObject({
        code: "E_MISSING_EXECUTOR",
        message: expect.stringContaining("reuselab spark install") as string,
      });
    } finally {
      rmSync(empty, { recursive: true, force: true });
    }
  });

  test("a SPARK_HOME without jars is named as such", async () => {
    const empty = mkdtempSync(join(tmpdir(), "reuselab-empty-"));
    try {
      await expect(startSparkServer({ env: { ...process.env, SPARK_HOME: empty } })).rejects.toMatchObject({
        code: "E_MISSING_EXECUTOR",
        message: expect.stringMatching(/spark-connect.* not found in SPARK_HOME\/jars/u) as string,
      });
    } finally {
      rmSync(empty, { recursive: true, force: true });
    }
  });

  test("missing Java is named, with the command that installs it", async () => {
    await expect(startSparkServer({ java: "/nowhere/java" })).rejects.toMatchObject({
      code: "E_MISSING_EXECUTOR",
      message: expect.stringContaining("Java 17") as string,
    });
  });

  test("a port that is taken ends the start with the server's own log lines", async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, "127.0.0.1", () => resolve((taken.address() as { port: number }).port));
    });
    try {
      await expect(startSparkServer({ port })).rejects.toThrow(/last log lines:[\s\S]*(bind|Bind|port|use)/u);
    } finally {
      taken.close();
    }
  });

  test("nothing but the loopback interface is listened on", (context) => {
    const { pid, port } = shared.server();
    if (!existsSync(`/proc/${pid}/net/tcp6`)) {
      context.skip("needs /proc");
      return;
    }
    const inodes = new Set(
      readdirSync(`/proc/${pid}/fd`).map((fd) => /socket:\[(\d+)\]/u.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1] ?? ""),
    );
    const listening = ["tcp", "tcp6"].flatMap((table) =>
      readFileSync(`/proc/${pid}/net/${table}`, "utf8")
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.trim().split(/\s+/u))
        // Fields: number, local address, remote address, state (0A listens), …, inode.
        .filter((fields) => fields[3] === "0A" && inodes.has(fields[9] ?? "-"))
        .map((fields) => fields[1]!.split(":") as [address: string, port: string]),
    );
    expect(listening.map(([, hex]) => Number.parseInt(hex, 16))).toContain(port);
    for (const [address] of listening) expect(loopback).toContain(address);
  });

  test("stop leaves no process behind, and a query in flight ends with an error", async () => {
    const server = await startSparkServer();
    const session = new SparkSession({ host: "127.0.0.1", port: server.port, token: server.token });
    expect((await session.collect(sql("select 1 as one"))).numRows).toBe(1);
    const running = session
      .collect(sql("select id from range(0, 4000000000000, 1, 2) where id % 3 = 5"))
      .catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(processesOf(server.pid)).toBeGreaterThan(0);
    await server.stop();
    expect(await within(60, "a query on a stopped server", running)).toMatchObject({ code: "E_EXECUTOR" });
    session.forget();
    expect(await until(() => processesOf(server.pid) === 0, 60)).toBe(true);
  });

  test("kill -9 of the process that started it leaves no JVM behind", async () => {
    const script = `import { startSparkServer } from "./src/executors/spark/server.ts"; const s = await startSparkServer(); console.log("pid", s.pid); setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const started = new Promise<number>((resolve, reject) => {
      owner.stdout.on("data", (data: Buffer) => {
        const match = /pid (\d+)/u.exec(data.toString());
        if (match !== null) resolve(Number(match[1]));
      });
      owner.once("exit", () => reject(new Error("the owner ended early")));
    });
    const pid = await within(180, "a server of another process", started);
    expect(processesOf(pid)).toBeGreaterThan(0);
    owner.removeAllListeners("exit");
    owner.kill("SIGKILL");
    expect(await until(() => processesOf(pid) === 0, 60)).toBe(true);
  });
});
