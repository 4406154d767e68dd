import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatTrace } from "../../src/traces/format/parse-text.ts";
import { hashTrace, loadTrace, readTrace } from "../../src/traces/read.ts";
import { writeTrace } from "../../src/traces/write.ts";
import { editedIterations, header, sampleIterations } from "./sample-trace.ts";

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "traces-"));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

const text = formatTrace({ header: header(), iterations: sampleIterations() });

function file(name: string, content: string | Uint8Array): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

describe("reading", () => {
  test("a plain file, its gzip, one with a byte order mark, with CRLF, with blank lines and without a last line break hold the same trace", async () => {
    const expected = { header: header(), iterations: sampleIterations() };
    const variants = {
      "plain.jsonl": text,
      "zip.jsonl.gz": gzipSync(text),
      "zip-without-suffix.jsonl": gzipSync(text),
      "bom.jsonl": `\ufeff${text}`,
      "crlf.jsonl": text.replaceAll("\n", "\r\n"),
      "blank.jsonl": `\n${text.replaceAll("\n", "\n\n")}`,
      "no-break.jsonl": text.trimEnd(),
      "two-members.jsonl.gz": Buffer.concat([gzipSync(text.slice(0, 100)), gzipSync(text.slice(100))]),
    };
    for (const [name, content] of Object.entries(variants)) {
      expect({ name, ...(await loadTrace(file(name, content))) }).toEqual({ name, ...expected });
    }
  });

  test("iterations can be read twice and left early", async () => {
    const path = join(dir, "many.jsonl.gz");
    await writeTrace(path, header(), editedIterations(300, 40, 1));
    const { iterations } = await readTrace(path);
    let seen = 0;
    for await (const { iteration } of iterations) {
      seen = iteration;
      if (iteration === 3) break;
    }
    expect(seen).toBe(3);
    let count = 0;
    for await (const _ of iterations) count++;
    expect(count).toBe(300);
  });

  test("the hash of a trace is that of its gzip and of the SHA-256 of its text", async () => {
    const plain = await hashTrace(file("hash.jsonl", text));
    expect(await hashTrace(file("hash.jsonl.gz", gzipSync(text)))).toBe(plain);
    const { createHash } = await import("node:crypto");
    expect(plain).toBe(createHash("sha256").update(text).digest("hex"));
  });
});

describe("refusing", () => {
  const bad: [name: string, make: () => string, message: RegExp][] = [
    ["an empty file", () => file("empty.jsonl", ""), /empty\.jsonl: is empty; expected the header/u],
    ["a file of blank lines", () => file("blank-only.jsonl", "\n \n"), /is empty; expected the header/u],
    ["a header only", () => file("header-only.jsonl", text.split("\n")[0]!), /has a header but no iteration/u],
    ["a missing file", () => join(dir, "absent.jsonl"), /absent\.jsonl: no such file/u],
    ["a folder", () => dir, /is a folder/u],
    ["an empty gzip member", () => file("empty.gz", gzipSync("")), /is empty/u],
    [
      "text that is not UTF-8",
      () => file("latin1.jsonl", Buffer.from(`${text}{"a":"\xe9"}\n`, "latin1")),
      /latin1\.jsonl:4: is not UTF-8/u,
    ],
    ["a line cut in the middle", () => file("cut.jsonl", text.slice(0, -40)), /cut\.jsonl:3: not a line of JSON/u],
    [
      "truncated gzip",
      () => {
        const path = file("short.gz", gzipSync(text));
        truncateSync(path, statSync(path).size - 30);
        return path;
      },
      /short\.gz: the compressed data end too early/u,
    ],
    [
      "damaged gzip",
      () => {
        const bytes = gzipSync(text);
        bytes.fill(0xff, 30, 60);
        return file("damaged.gz", bytes);
      },
      /damaged\.gz: the compressed data are damaged/u,
    ],
  ];
  test.each(bad)("%s is refused with a reason", async (_, make, message) => {
    await expect(loadTrace(make())).rejects.toThrow(message);
    await expect(loadTrace(make())).rejects.toMatchObject({ code: "E_TRACE_FORMAT" });
  });
});

describe("writing", () => {
  test("the same records give the same bytes, and no temporary file stays", async () => {
    const a = join(dir, "a.jsonl.gz");
    const b = join(dir, "b.jsonl.gz");
    await writeTrace(a, header(), sampleIterations());
    await writeTrace(b, header(), sampleIterations());
    expect(readFileSync(a).equals(readFileSync(b))).toBe(true);
    expect(readFileSync(a).subarray(4, 8)).toEqual(Buffer.alloc(4));
    expect(await loadTrace(a)).toEqual({ header: header(), iterations: sampleIterations() });
  });

  test("a failing source of iterations leaves the old file as it was", async () => {
    const path = join(dir, "kept.jsonl");
    await writeTrace(path, header(), sampleIterations());
    const before = readFileSync(path);
    const failing = function* () {
      yield* sampleIterations();
      throw new Error("no more");
    };
    await expect(writeTrace(path, header(), failing())).rejects.toThrow("no more");
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("appended lines are read on", async () => {
    const path = file("append.jsonl", text);
    appendFileSync(path, text.split("\n")[2]!.replace('"iteration":1', '"iteration":2'));
    expect((await loadTrace(path)).iterations.length).toBe(3);
  });
});
