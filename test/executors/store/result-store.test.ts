import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ExecutorError, StoreError } from "../../../src/core/errors.ts";
import { openStore, type ResultPart, type ResultStore } from "../../../src/executors/store/result-store.ts";

let root: string;
let folder: string;
let warnings: string[];
const open = async (options = {}): Promise<ResultStore> =>
  openStore(folder, { onWarning: (message) => void warnings.push(message), ...options });
const part = (name: string, content: string): ResultPart => ({
  name,
  write: (path) => writeFile(path, content),
});
const sha = (text: string): string => createHash("sha256").update(text).digest("hex");
const objectFiles = async (): Promise<string[]> => (await readdir(join(folder, "objects"))).toSorted();
const manifestFile = (key: string): string => join(folder, "results", `${sha(key)}.json`);
const contentOf = async (store: ResultStore, key: string, name = "data"): Promise<string | undefined> => {
  const path = (await store.get(key))?.paths.get(name);
  return path === undefined ? undefined : readFile(path, "utf8");
};

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "reuselab-store-"));
  folder = join(root, "store");
  warnings = [];
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe("a result store", () => {
  it("gives back what was put, in this session and the next", async () => {
    const store = await open();
    const outcome = await store.put("sig-a", [part("data", "hello"), part("model", "weights")], {
      rows: 3,
      computeUs: 70,
    });
    expect(outcome).toMatchObject({ bytes: 12, isStored: true });
    expect(await contentOf(store, "sig-a")).toBe("hello");
    await store.close();

    const next = await open();
    const found = await next.get("sig-a");
    expect(found).toMatchObject({ signature: "sig-a", bytes: 12, meta: { rows: 3, computeUs: 70 } });
    expect([...(found?.paths.keys() ?? [])]).toEqual(["data", "model"]);
    expect(await contentOf(next, "sig-a", "model")).toBe("weights");
    expect(found?.meta.writeUs).toBeGreaterThan(0);
    expect(next.usedBytes).toBe(12);
    expect(warnings).toEqual([]);
    await next.close();
  });

  it("names objects after their content and manifests after the signature, whatever characters it has", async () => {
    const store = await open();
    const key = "../../__proto__\u0000 ü";
    await store.put(key, [part("data", "x")]);
    expect(await objectFiles()).toEqual([sha("x")]);
    expect(await readdir(join(folder, "results"))).toEqual([`${sha(key)}.json`]);
    expect(await contentOf(store, key)).toBe("x");
    await store.close();
  });

  it("keeps equal content once and frees it with its last result", async () => {
    const store = await open();
    await store.put("a", [part("c1", "shared"), part("c2", "only a")]);
    const second = await store.put("b", [{ name: "c1", object: sha("shared") }, part("c3", "b!")]);
    const third = await store.put("c", [part("same", "shared"), part("twice", "shared")]);
    expect(second.bytes).toBe(2);
    expect(third.bytes).toBe(0);
    expect(store.usedBytes).toBe(6 + 6 + 2);
    expect(await store.delete("a")).toEqual({ freedBytes: 6 });
    expect(await contentOf(store, "b", "c1")).toBe("shared");
    await store.close();

    const next = await open();
    expect(next.usedBytes).toBe(8);
    expect(await next.delete("b")).toEqual({ freedBytes: 2 });
    expect(await contentOf(next, "c", "twice")).toBe("shared");
    expect(await next.delete("c")).toEqual({ freedBytes: 6 });
    expect(await objectFiles()).toEqual([]);
    expect(await next.delete("c")).toEqual({ freedBytes: 0 });
    await next.close();
  });

  it("replaces a result put again under its signature", async () => {
    const store = await open();
    await store.put("a", [part("data", "old content")]);
    await store.put("a", [part("data", "new")]);
    expect(await contentOf(store, "a")).toBe("new");
    expect(await objectFiles()).toEqual([sha("new")]);
    expect(store.usedBytes).toBe(3);
    await store.close();
  });

  it("lists results in the order they were written and keeps observed costs", async () => {
    const store = await open();
    for (const key of ["z", "m", "a"]) await store.put(key, [part("data", key)]);
    await store.update("m", { loadUs: 41 });
    await store.update("absent", { loadUs: 1 });
    await store.close();
    const next = await open();
    expect(next.entries().map(({ signature }) => signature)).toEqual(["z", "m", "a"]);
    expect(next.entries()[1]?.meta.loadUs).toBe(41);
    expect(next.has("absent")).toBe(false);
    await next.close();
  });

  it("runs overlapping changes one after the other", async () => {
    const store = await open({ budgetBytes: 25 });
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, i) => store.put(`k${i}`, [part("data", `content-${i}x`)])),
    );
    expect(outcomes.filter(({ isStored }) => isStored)).toHaveLength(2);
    expect(store.usedBytes).toBe(20);
    await store.close();
  });
});

describe("the budget", () => {
  it("holds: a write that ends over it is removed, and its bytes are told", async () => {
    const store = await open({ budgetBytes: 10 });
    await store.put("a", [part("data", "123456")]);
    expect(await store.put("b", [part("data", "12345")])).toMatchObject({ bytes: 5, isStored: false });
    expect(store.has("b")).toBe(false);
    expect(await store.put("b", [part("data", "1234")])).toMatchObject({ bytes: 4, isStored: true });
    expect(await store.put("c", [part("data", "1")], {}, { maxBytes: 0 })).toMatchObject({ isStored: false });
    expect(await store.put("c", [part("data", "1234")], {}, { maxBytes: 0 })).toMatchObject({
      bytes: 0,
      isStored: true,
    });
    expect(await objectFiles()).toEqual([sha("1234"), sha("123456")].toSorted());
    await store.close();
  });

  it("keeps the old result when the new one under its signature does not fit", async () => {
    const store = await open({ budgetBytes: 8 });
    await store.put("a", [part("data", "12345")]);
    expect((await store.put("a", [part("data", "abcdef")])).isStored).toBe(false);
    expect(await contentOf(store, "a")).toBe("12345");
    await store.close();
  });

  it("holds from opening on: the newest results go when it became smaller", async () => {
    const store = await open();
    for (const key of ["a", "b", "c"]) await store.put(key, [part("data", key.repeat(10))]);
    await store.close();
    const next = await open({ budgetBytes: 15 });
    expect(next.entries().map(({ signature }) => signature)).toEqual(["a"]);
    expect(warnings).toHaveLength(2);
    await next.close();
  });
});

describe("what an interrupted or damaged store holds", () => {
  it("is cleaned when a writer opens it: temporary files, objects without a manifest", async () => {
    const store = await open();
    await store.put("a", [part("data", "kept")]);
    await store.close();
    await writeFile(join(folder, "objects", "tmp-1-2"), "half");
    await writeFile(join(folder, "results", "tmp-1"), "half");
    await writeFile(join(folder, "objects", sha("orphan")), "orphan");
    const reader = await open({ readOnly: true });
    expect(reader.usedBytes).toBe(4);
    await reader.close();
    expect(await objectFiles()).toHaveLength(3);

    const next = await open();
    expect(await objectFiles()).toEqual([sha("kept")]);
    expect(await readdir(join(folder, "results"))).toHaveLength(1);
    expect(warnings).toEqual([]);
    await next.close();
  });

  it("is absent and dropped with a warning when a checksum differs, and can be written again", async () => {
    const store = await open();
    await store.put("a", [part("data", "precious")]);
    await store.put("b", [part("data", "precious"), part("more", "own")]);
    await store.put("c", [part("data", "else")]);
    await store.close();
    await writeFile(join(folder, "objects", sha("precious")), "precioux");

    const reader = await open({ readOnly: true });
    expect(await reader.get("a")).toBeUndefined();
    expect(await objectFiles()).toHaveLength(3);
    await reader.close();
    warnings = [];

    const next = await open();
    expect(next.has("a")).toBe(true);
    expect(await next.get("a")).toBeUndefined();
    expect(warnings[0]).toMatch(/checksum/u);
    expect(next.has("a")).toBe(false);
    expect(await next.get("b")).toBeUndefined();
    expect(await contentOf(next, "c")).toBe("else");
    expect(next.usedBytes).toBe(4);
    await next.put("a", [part("data", "precious")]);
    expect(await contentOf(next, "a")).toBe("precious");
    await next.close();
  });

  it("does not lend a damaged object to new content that has its checksum", async () => {
    const store = await open();
    await store.put("a", [part("data", "precious")]);
    await store.close();
    await writeFile(join(folder, "objects", sha("precious")), "precioux");
    const next = await open();
    await next.put("b", [part("data", "precious")]);
    expect(await contentOf(next, "b")).toBe("precious");
    expect(await contentOf(next, "a")).toBe("precious");
    await next.close();
  });

  it.each([
    ["cut short", async () => writeFile(manifestFile("a"), '{"format":"reuselab.res')],
    ["of another kind", async () => writeFile(manifestFile("a"), "[]")],
    ["under another name", async () => copyFile(manifestFile("b"), manifestFile("a"))],
    ["left without its object", async () => rm(join(folder, "objects", sha("A")))],
    ["left with an object cut short", async () => writeFile(join(folder, "objects", sha("A")), "")],
  ])("loses only the result whose manifest is %s", async (_, damage) => {
    const store = await open();
    await store.put("a", [part("data", "A")]);
    await store.put("b", [part("data", "BB")]);
    await store.close();
    await damage();
    const next = await open();
    expect(next.entries().map(({ signature }) => signature)).toEqual(["b"]);
    expect(warnings).toHaveLength(1);
    expect(next.usedBytes).toBe(2);
    expect(await contentOf(next, "b")).toBe("BB");
    await next.close();
    expect(await objectFiles()).toEqual([sha("BB")]);
  });

  it("is not touched when a newer version wrote it", async () => {
    const store = await open();
    await store.put("a", [part("data", "A")]);
    await store.close();
    await writeFile(manifestFile("n"), JSON.stringify({ format: "reuselab.result", version: 2 }));
    await expect(open()).rejects.toThrow(/version 2.*update reuselab/u);
    await rm(manifestFile("n"));
    await writeFile(join(folder, "store.json"), JSON.stringify({ format: "reuselab.store", version: 2 }));
    await expect(open()).rejects.toThrow(StoreError);
    await expect(open({ readOnly: true })).rejects.toThrow(/version 2/u);
    expect(await objectFiles()).toEqual([sha("A")]);
  });
});

describe("a put that fails", () => {
  it("leaves nothing behind and the store as it was", async () => {
    const store = await open();
    await store.put("a", [part("data", "A")]);
    const failing: ResultPart = {
      name: "second",
      write: async (path) => {
        await writeFile(path, "half");
        throw new Error("engine died");
      },
    };
    await expect(store.put("b", [part("data", "BB"), failing])).rejects.toThrow("engine died");
    await expect(store.put("b", [part("data", "BB"), { name: "x", object: sha("never") }])).rejects.toThrow(StoreError);
    await expect(store.put("b", [])).rejects.toThrow(StoreError);
    await expect(store.put("b", [part("x", "1"), part("x", "2")])).rejects.toThrow(/2 parts with 1 name/u);
    expect(await objectFiles()).toEqual([sha("A")]);
    expect(store.usedBytes).toBe(1);
    expect((await store.put("b", [part("data", "BB")])).isStored).toBe(true);
    await store.close();
  });

  it("on a full disk says so as an executor error, and the store stays whole", async (context) => {
    try {
      execFileSync("mkdir", ["-p", folder]);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], { stdio: "pipe" });
    } catch {
      context.skip("needs the right to mount a small file system");
      return;
    }
    try {
      const store = await open();
      await store.put("a", [part("data", "kept")]);
      const error = await store.put("b", [part("data", "B".repeat(300_000))]).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(ExecutorError);
      expect((error as Error).message).toMatch(/disk is full/u);
      expect((error as Error).cause).toMatchObject({ code: "ENOSPC" });
      // Fill it so far that the object fits and its manifest does not.
      const rest = Number(execFileSync("df", ["--output=avail", "-B1", folder], { encoding: "utf8" }).split("\n")[1]);
      await expect(store.put("c", [part("data", "C".repeat(rest))])).rejects.toThrow(ExecutorError);
      expect(await objectFiles()).toEqual([sha("kept")]);
      expect(store.usedBytes).toBe(4);
      expect(await contentOf(store, "a")).toBe("kept");
      expect((await store.put("d", [part("data", "fits")])).isStored).toBe(true);
      await store.close();
      const next = await open();
      expect(next.entries().map(({ signature }) => signature)).toEqual(["a", "d"]);
      expect(warnings).toEqual([]);
      await next.close();
    } finally {
      execFileSync("umount", ["-l", folder]);
    }
  });
});

describe("one writer", () => {
  it("is alone: a second one is refused, readers are not", async () => {
    const store = await open();
    await expect(open()).rejects.toThrow(StoreError);
    const reader = await open({ readOnly: true });
    await store.put("a", [part("data", "A")]);
    expect(reader.has("a")).toBe(false);
    await expect(reader.put("b", [part("data", "B")])).rejects.toThrow(/read-only/u);
    await expect(reader.delete("a")).rejects.toThrow(StoreError);
    await reader.close();
    await store.close();
    await store.close();
    await expect(store.put("b", [part("data", "B")])).rejects.toThrow(/after close/u);
    const next = await open();
    expect(await contentOf(next, "a")).toBe("A");
    await next.close();
    expect((await readdir(folder)).toSorted()).toEqual(["objects", "results", "store.json"]);
  });

  it("in another live process is respected and named; that of a dead process is taken over", async () => {
    await (await open()).close();
    const boot = await (async () => {
      const store = await open();
      const name = (await readdir(folder)).find((entry) => entry.startsWith("lock-")) ?? "";
      await store.close();
      return name.split("-")[3];
    })();
    const parent = await readFile(`/proc/${process.ppid}/stat`, "utf8").catch(() => undefined);
    if (parent !== undefined) {
      const start = parent.slice(parent.lastIndexOf(")") + 2).split(" ")[19];
      await writeFile(join(folder, `lock-${process.ppid}-${start}-${boot}`), "");
      await expect(open()).rejects.toThrow(`process ${process.ppid} writes to it`);
      await rm(join(folder, `lock-${process.ppid}-${start}-${boot}`));
      // The number was given to another process since: that one started at another time.
      await writeFile(join(folder, `lock-${process.ppid}-1-${boot}`), "");
    }
    await writeFile(join(folder, `lock-4194999-77-${boot}`), "");
    await writeFile(join(folder, "lock-1-77-00000000ffffffff"), "");
    const store = await open();
    expect((await readdir(folder)).filter((name) => name.startsWith("lock-"))).toHaveLength(1);
    await store.close();
  });

  it("is never two, however many open at one moment", async () => {
    await (await open()).close();
    const opened = (await Promise.allSettled(Array.from({ length: 6 }, () => open()))).flatMap((result) =>
      result.status === "fulfilled" ? [result.value] : [],
    );
    expect(opened).toHaveLength(1);
    await opened[0]?.close();
  });
});

describe("a folder that is no store", () => {
  it("is refused and left alone", async () => {
    await writeFile(join(root, "mine.txt"), "data");
    await expect(openStore(root)).rejects.toThrow(/holds "mine.txt"/u);
    await expect(openStore(join(root, "mine.txt"))).rejects.toThrow(StoreError);
    await expect(openStore(join(root, "absent"), { readOnly: true })).rejects.toThrow(/is not a store/u);
    await writeFile(join(root, "store.json"), "{}");
    await expect(openStore(root)).rejects.toThrow(/version file/u);
    expect((await stat(join(root, "mine.txt"))).size).toBe(4);
    expect(await readdir(root)).toHaveLength(2);
  });
});
