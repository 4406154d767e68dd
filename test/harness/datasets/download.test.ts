import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { DownloadError, UsageError } from "../../../src/core/errors.ts";
import { datasets } from "../../../src/harness/datasets/index.ts";
import { downloadDataset } from "../../../src/harness/datasets/download.ts";

const realFiles = join("..", "shared", "data", "census");
const hasReal = existsSync(realFiles);
const remote = datasets["census"]?.remote;
const folder = mkdtempSync(join(tmpdir(), "reuselab-download-"));
let answer: (name: string, response: ServerResponse) => void = () => {};
let asked: string[] = [];
let server: Server;
let baseUrl = "";

beforeAll(async () => {
  server = createServer((request, response) => {
    const name = (request.url ?? "").split("/").pop() ?? "";
    asked.push(name);
    answer(name, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/adult`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  asked = [];
});

const wrongContent = (name: string): Buffer =>
  Buffer.alloc(remote?.files.find((file) => file.name === name)?.bytes ?? 0, "x");

describe("downloading the original of Census", () => {
  test.skipIf(!hasReal)(
    `brings the files, once, and reports progress (left out where ${realFiles} is missing)`,
    async () => {
      answer = (name, response) => void response.end(readFileSync(join(realFiles, name)));
      let last = 0;
      const first = await downloadDataset("census", {
        folder,
        env: { REUSELAB_UCI_URL: baseUrl },
        onProgress: (bytes, total) => {
          expect(bytes).toBeGreaterThan(last);
          expect(total).toBe(3_974_305 + 2_003_153);
          last = bytes;
        },
      });
      expect(first.files.map(({ was }) => was)).toEqual(["downloaded", "downloaded"]);
      expect(readdirSync(folder).sort()).toEqual(["adult.data", "adult.test"]);
      expect(readFileSync(join(folder, "adult.data")).equals(readFileSync(join(realFiles, "adult.data")))).toBe(true);
      asked = [];
      writeFileSync(join(folder, "adult.test"), "damaged");
      const second = await downloadDataset("census", { folder, baseUrl });
      expect(second.files.map(({ was }) => was)).toEqual(["present", "downloaded"]);
      expect(asked).toEqual(["adult.test"]);
    },
  );

  test.each<[string, typeof answer, RegExp]>([
    [
      "an answer of another content",
      (name, response) => void response.end(wrongContent(name)),
      /has SHA-256 [0-9a-f]{64}; expected 5b0026/u,
    ],
    [
      "a shorter answer",
      (_name, response) => void response.end("too short"),
      /brought only 9 bytes; expected 3974305/u,
    ],
    [
      "a longer answer",
      (name, response) => void response.end(Buffer.concat([wrongContent(name), Buffer.from("x")])),
      /brought more than 3974305 bytes/u,
    ],
    [
      "404",
      (_name, response) => void response.writeHead(404).end("nothing here"),
      /answered 404 Not Found; expected 200/u,
    ],
    [
      "a connection that is cut",
      (name, response) => {
        response.writeHead(200, { "content-length": wrongContent(name).byteLength });
        response.write(Buffer.alloc(100_000), () => response.destroy());
      },
      /connection was cut/u,
    ],
  ])("%s is refused, and nothing is left behind", async (_what, how, message) => {
    answer = how;
    const error = await downloadDataset("census", { folder, baseUrl }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DownloadError);
    expect(String(error)).toMatch(message);
    expect(String(error)).toContain(`${baseUrl}/adult.data`);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a server that cannot be reached is named", async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => void closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => void closed.close(resolve));
    await expect(downloadDataset("census", { folder, baseUrl: `http://127.0.0.1:${port}/` })).rejects.toThrow(
      `http://127.0.0.1:${port}/adult.data: cannot be reached`,
    );
  });

  test("an abort stops it, and nothing is left behind", async () => {
    const stop = new AbortController();
    answer = (_name, response) => void response.write(Buffer.alloc(1000));
    const running = downloadDataset("census", { folder, baseUrl, signal: stop.signal, onProgress: () => stop.abort() });
    await expect(running).rejects.toThrow(/abort/iu);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("an address that is none is refused before anything is asked", async () => {
    await expect(downloadDataset("census", { folder, baseUrl: "ftp://x/" })).rejects.toThrow(UsageError);
    await expect(downloadDataset("census", { folder, baseUrl: "nonsense" })).rejects.toThrow('address "nonsense"');
    expect(asked).toEqual([]);
  });
});
