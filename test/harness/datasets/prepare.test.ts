import { createHash } from "node:crypto";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { DataFormatError } from "../../../src/core/errors.ts";
import { prepareDataset } from "../../../src/harness/datasets/index.ts";

const root = mkdtempSync(join(tmpdir(), "reuselab-data-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const cacheDir = join(root, "cache");

const row = (age: number, income = "<=50K"): string =>
  `${age}, Private, 100000, HS-grad, 9, Never-married, Sales, Own-child, White, Male, ${age * 100}, 0, 40, ?, ${income}`;

let folders = 0;
/** A folder with files of the user's. */
function realFolder(train: string, testText = `|1x3 Cross validator\n${row(30, ">50K.")}\n\n`): string {
  const folder = join(root, `real-${folders++}`);
  mkdirSync(folder);
  writeFileSync(join(folder, "adult.data"), train);
  writeFileSync(join(folder, "adult.test"), testText);
  return folder;
}
const linesOf = (folder: string, name: string): string[] =>
  readFileSync(join(folder, name), "utf8").trimEnd().split("\n");

describe("generated data", () => {
  test("are on disk with their splits, and the fingerprint is that of their content", async () => {
    const data = await prepareDataset("census", { scale: 0.002, cacheDir });
    const source = data.sources["census"];
    const hashes = (source?.files ?? []).map(({ path, split }) => ({
      sha256: createHash("sha256").update(readFileSync(path)).digest("hex"),
      split,
    }));
    expect(hashes.map(({ split }) => split)).toEqual(["train", "test"]);
    expect(source?.fingerprint).toBe(createHash("sha256").update(JSON.stringify(hashes)).digest("hex"));
    expect(linesOf(data.folder, "adult.data")).toHaveLength(65);
    expect(data).toMatchObject({ rows: 65 + 33, title: "census, generated (version 1), seed 1, scale 0.002" });
  });

  test("are made once, and made anew when a file was damaged", async () => {
    const options = { scale: 0.003, cacheDir };
    const first = await prepareDataset("census", options);
    const path = join(first.folder, "adult.data");
    const { mtimeMs } = statSync(path);
    expect(await prepareDataset("census", options)).toEqual(first);
    expect(statSync(path).mtimeMs).toBe(mtimeMs);
    appendFileSync(path, "half a li");
    expect(await prepareDataset("census", options)).toEqual(first);
    expect(statSync(path).size).toBe(readFileSync(path, "utf8").trimEnd().length + 1);
  });

  test("made by several at once are the same, and nothing else is left in the cache", async () => {
    const own = join(root, "shared-cache");
    const all = await Promise.all(
      [1, 2, 3, 4].map(async () => prepareDataset("census", { scale: 0.02, cacheDir: own })),
    );
    expect(new Set(all.map(({ sources }) => sources["census"]?.fingerprint)).size).toBe(1);
    expect(readdirSync(own)).toEqual(["census-generated-v1-seed1-scale0.02"]);
    expect(readdirSync(all[0]?.folder ?? "").sort()).toEqual(["adult.data", "adult.test", "dataset.json"]);
  });

  test("stopped half-way leave nothing behind", async () => {
    const own = join(root, "stopped");
    const stop = new AbortController();
    const making = prepareDataset("census", { cacheDir: own, signal: stop.signal, onProgress: () => stop.abort() });
    await expect(making).rejects.toThrow(/abort/iu);
    expect(readdirSync(own)).toEqual([]);
  });

  test("into a folder of the user's replace older ones there", async () => {
    const into = join(root, "mine");
    await prepareDataset("census", { scale: 0.004, into });
    writeFileSync(join(into, "notes.txt"), "keep me");
    const data = await prepareDataset("census", { scale: 0.002, into });
    expect(data.rows).toBe(98);
    expect(linesOf(into, "adult.data")).toHaveLength(65);
    expect(readFileSync(join(into, "notes.txt"), "utf8")).toBe("keep me");
  });
});

describe("real files", () => {
  const people = [21, 32, 43, 54].map((age) => row(age));
  test("are used where they are; comments and empty lines are no rows", async () => {
    const folder = realFolder(`${people.join("\r\n")}\r\n\n`);
    const data = await prepareDataset("census", { dataDir: folder, cacheDir });
    expect(data).toMatchObject({ folder, rows: 5, title: "census, files of the user" });
  });

  test("other bytes, another fingerprint; the same bytes elsewhere, the same", async () => {
    const fingerprint = async (text: string): Promise<string | undefined> =>
      (await prepareDataset("census", { dataDir: realFolder(text), cacheDir })).sources["census"]?.fingerprint;
    const text = `${people.join("\n")}\n`;
    expect(await fingerprint(text)).toBe(await fingerprint(text));
    expect(await fingerprint(text)).not.toBe(await fingerprint(text.replace("21", "22")));
  });

  test("are replicated one whole copy after the other, a rest evenly spaced", async () => {
    const dataDir = realFolder(`${people.join("\n")}\n`);
    const twice = await prepareDataset("census", { dataDir, cacheDir, scale: 2.5 });
    expect(linesOf(twice.folder, "adult.data")).toEqual([...people, ...people, people[1], people[3]]);
    expect(twice.rows).toBe(4 * 2 + 2 + 2);
    const half = await prepareDataset("census", { dataDir, cacheDir, scale: 0.5 });
    expect(linesOf(half.folder, "adult.data")).toEqual([people[1], people[3]]);
    expect(linesOf(dataDir, "adult.data")).toEqual(people);
  });

  test("with jitter keep the first copy and change numbers of the others a little, the same for one seed", async () => {
    const dataDir = realFolder(`${people.join("\n")}\n`);
    const jitter = async (seed: number): Promise<string[]> =>
      linesOf(
        (await prepareDataset("census", { dataDir, cacheDir, scale: 50, arm: "jitter", seed })).folder,
        "adult.data",
      );
    const lines = await jitter(1);
    expect(lines.slice(0, 4)).toEqual(people);
    expect(new Set(lines).size).toBeGreaterThan(190);
    for (const [i, line] of lines.entries()) {
      const [cells, original] = [line.split(", "), people[i % 4]?.split(", ") ?? []];
      expect(Math.abs(Number(cells[0]) - Number(original[0]))).toBeLessThanOrEqual(2);
      expect(Math.abs(Number(cells[2]) / 100_000 - 1)).toBeLessThanOrEqual(0.05);
      expect([cells[1], cells[3], cells[4], cells[11], cells[14]]).toEqual([
        original[1],
        original[3],
        original[4],
        original[11],
        original[14],
      ]);
    }
    expect(await jitter(2)).not.toEqual(lines);
  });

  const bad = people.slice(0, 2).join("\n");
  test.each([
    ["a missing field", `${bad}\n${row(40).replace(", Sales", "")}\n`, /adult\.data:3: has 14 fields; expected 15/u],
    [
      "a number that is none",
      `${bad}\n${row(40).replace("40, ?", "forty, ?")}\n`,
      /adult\.data:3: hours-per-week: is "forty"; expected an integer/u,
    ],
    ["a fractional number", row(40).replace("40, Private", "40.5, Private"), /adult\.data:1: age: is "40\.5"/u],
    ["an unknown label", `${row(40, "rich")}\n`, /adult\.data:1: income: is "rich"; expected <=50K or >50K/u],
    ["no rows", "|only a comment\n\n", /adult\.data: has no rows/u],
    ["bytes that are no text", "\u0000\u0001PAR1\n", /adult\.data:1: has 1 fields/u],
  ])("%s is refused with file, line and field", async (_what, text, message) => {
    const error = await prepareDataset("census", { dataDir: realFolder(text), cacheDir }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(DataFormatError);
    expect(String(error)).toMatch(message);
  });

  test("bytes that are no UTF-8, a missing file and a missing folder are refused", async () => {
    const folder = realFolder(bad);
    writeFileSync(join(folder, "adult.data"), Uint8Array.from([0xff, 0xfe, 0x41, 0x0a]));
    await expect(prepareDataset("census", { dataDir: folder, cacheDir })).rejects.toThrow("is not UTF-8 text");
    rmSync(join(folder, "adult.data"));
    await expect(prepareDataset("census", { dataDir: folder, cacheDir })).rejects.toThrow(
      "adult.data: is not there; expected the files adult.data, adult.test",
    );
  });

  test("unknown data sets, arms and unusable scales are refused", async () => {
    await expect(prepareDataset("sensus", { cacheDir })).rejects.toThrow(
      'data set "sensus": is not known; expected one of census',
    );
    await expect(prepareDataset("census", { cacheDir, scale: 0 })).rejects.toThrow("scale 0: is not usable");
    await expect(prepareDataset("census", { cacheDir, arm: "jitter" })).rejects.toThrow(
      "scales real files, but none are given",
    );
    const dataDir = realFolder(bad);
    await expect(prepareDataset("census", { cacheDir, dataDir, arm: "shake" })).rejects.toThrow(
      'has no arm "shake"; expected one of replicate, jitter',
    );
  });
});
