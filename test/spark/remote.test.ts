import { connect, createServer, type Server, type Socket } from "node:net";
import { createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterEach, describe, expect, test } from "vitest";
import { SparkSession } from "../../src/executors/spark/client.ts";
import { SparkConnectService } from "../../src/executors/spark/generated/base_pb.ts";
import { sql } from "../../src/executors/spark/relations.ts";
import { until, within } from "./processes.ts";
import { useSparkServer } from "./shared-server.ts";

const spark = useSparkServer();

/** A network between this process and the server: connections can be cut, and refused for a while. */
interface Network {
  readonly port: number;
  /** Bytes that came from the server. */
  readonly received: number;
  cut(): void;
  refuse(isRefused: boolean): void;
}

const opened: Server[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) server.close();
});

async function network(): Promise<Network> {
  const sockets = new Set<Socket>();
  const state = { received: 0, isRefused: false };
  const server = createServer((near) => {
    if (state.isRefused) {
      near.destroy();
      return;
    }
    const far = connect(spark.server().port, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        near.destroy();
        far.destroy();
      });
    }
    far.on("data", (data) => (state.received += data.length));
    near.pipe(far);
    far.pipe(near);
  });
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    get received() {
      return state.received;
    },
    cut() {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
    refuse(isRefused) {
      state.isRefused = isRefused;
    },
  };
}

function sessionOver({ port }: Network, isRemote: boolean): SparkSession {
  return new SparkSession({ host: "127.0.0.1", port, token: spark.server().token, isRemote });
}

/** Waits until that many bytes came from the server: the stream is in the middle. */
async function untilReceived(wire: Network, bytes: number): Promise<void> {
  if (!(await until(() => wire.received >= bytes, 60, 5))) throw new Error(`no ${bytes} bytes from the server in 60 s`);
}

const manyRows = sql("select id, repeat(md5(cast(id as string)), 4) as h from range(0, 600000, 1, 6)");

describe("a remote server", () => {
  test("a stream cut in the middle is taken up again: every row arrives once", async () => {
    const wire = await network();
    const session = sessionOver(wire, true);
    await session.version();
    const before = wire.received;
    const rows = session.collect(manyRows);
    await untilReceived(wire, before + 2_000_000);
    wire.cut();
    const table = await within(60, "the rows", rows);
    expect(table.numRows).toBe(600_000);
    let sum = 0n;
    for (const id of table.getChild("id")?.toArray() ?? []) sum += id as bigint;
    expect(sum).toBe((599_999n * 600_000n) / 2n);
    await session.close();
  });

  test("without reattaching the same cut is an error", async () => {
    const wire = await network();
    const session = sessionOver(wire, false);
    await session.version();
    const before = wire.received;
    const rows = session.collect(manyRows).catch((error: unknown) => error);
    await untilReceived(wire, before + 2_000_000);
    wire.cut();
    expect(await within(60, "the broken stream", rows)).toMatchObject({ code: "E_EXECUTOR", isTransport: true });
    session.forget();
  });

  test("a command cut off while it runs goes on and runs once; the session keeps its checkpoints and views", async () => {
    const wire = await network();
    const session = sessionOver(wire, true);
    await session.version();
    // Sleeping tasks: the command is under way when the network goes, whatever the machine is doing.
    const slow = sql("select id, java_method('java.lang.Thread', 'sleep', 40L) from range(0, 60, 1, 2)");
    const pending = session.checkpoint(slow);
    await new Promise((resolve) => setTimeout(resolve, 400));
    wire.refuse(true);
    wire.cut();
    setTimeout(() => wire.refuse(false), 500);
    const id = await within(60, "the checkpoint", pending);
    await session.createView("kept", { relType: { case: "cachedRemoteRelation", value: { relationId: id } } });
    wire.cut();
    expect((await session.collect(sql("select count(*) as n from kept"))).get(0)?.toJSON()).toEqual({ n: 60n });
    await session.close();
  });

  test("a call while nothing listens is repeated; one to a server that stays away fails", async () => {
    const wire = await network();
    wire.refuse(true);
    const session = sessionOver(wire, true);
    setTimeout(() => wire.refuse(false), 700);
    expect(await session.version()).toMatch(/^4\./u);
    session.forget();
    wire.refuse(true);
    const other = sessionOver(wire, true);
    await expect(other.version()).rejects.toMatchObject({ code: "E_EXECUTOR", isTransport: true });
    other.forget();
  });

  test("a server that has lost the session refuses it; nothing runs in an empty one in its place", async () => {
    const { port, token } = spark.server();
    const session = new SparkSession({ host: "127.0.0.1", port, token, isRemote: true });
    await session.run("create temporary view held as select 1 as one");
    // The server forgets the session and would open a new one under its name, as after a restart.
    const bearer: Interceptor = (next) => (request) => {
      request.header.set("authorization", `Bearer ${token}`);
      return next(request);
    };
    const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}`, interceptors: [bearer] });
    const userContext = { userId: "reuselab", userName: "reuselab" };
    await createClient(SparkConnectService, transport).releaseSession(
      { sessionId: session.sessionId, userContext, allowReconnect: true },
      { timeoutMs: 30_000 },
    );
    for (const query of ["select one from held", "select 1"])
      await expect(within(60, query, session.collect(sql(query)))).rejects.toMatchObject({
        code: "E_EXECUTOR",
        errorClass: "INVALID_HANDLE.SESSION_CHANGED",
        isTransport: false,
      });
    session.forget();
  });

  test("an error of the statement is not repeated", async () => {
    const wire = await network();
    const session = sessionOver(wire, true);
    await expect(session.collect(sql("select nope from range(3)"))).rejects.toMatchObject({
      errorClass: "UNRESOLVED_COLUMN.WITH_SUGGESTION",
    });
    await session.close();
  });
});
