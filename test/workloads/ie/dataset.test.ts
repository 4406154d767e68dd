import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prepareDataset } from "../../../src/harness/datasets/index.ts";
import { formatDocument, parseConll } from "../../../src/workloads/ie/conll.ts";
import { newsDocuments } from "../../../src/workloads/ie/news.ts";

const file = "wikigold.conll.txt";
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reuselab-ie-"));
  await writeFile(join(folder, file), [...newsDocuments({ documents: 12, seed: 4 })].join(""));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const documentsOf = async (at: string): Promise<string[]> =>
  parseConll(await readFile(join(at, file), "utf8")).map(formatDocument);

describe("the data set of information extraction", () => {
  it("is generated at the documents it announces, at least one a fold", async () => {
    for (const scale of [0.001, 0.1]) {
      const data = await prepareDataset("ie", { scale, cacheDir: folder });
      expect(data.rows).toBe(scale < 0.01 ? 5 : 22);
      expect(await documentsOf(data.folder)).toHaveLength(data.rows);
    }
  });

  it("is replicated so that every copy of a document falls into the fold of the original", async () => {
    const original = await documentsOf(folder);
    const { folder: made, rows } = await prepareDataset("ie", { dataDir: folder, scale: 2.5, cacheDir: folder });
    const copies = await documentsOf(made);
    expect(copies).toHaveLength(25);
    expect(rows).toBe(25);
    for (const [j, copy] of copies.entries()) expect(original.indexOf(copy) % 5).toBe(j % 5);
  });

  it("is recombined to the documents it announces, another seed giving others", async () => {
    const make = (seed: number): ReturnType<typeof prepareDataset> =>
      prepareDataset("ie", { dataDir: folder, arm: "recombine", scale: 3, seed, cacheDir: folder });
    const [one, two] = [await make(1), await make(2)];
    expect([one.rows, (await documentsOf(one.folder)).length]).toEqual([36, 36]);
    expect(one.sources["ie"]?.fingerprint).not.toBe(two.sources["ie"]?.fingerprint);
  });

  it("refuses other files, naming file and line", async () => {
    const refused = async (text: string): Promise<string> => {
      const odd = await mkdtemp(join(folder, "odd-"));
      await writeFile(join(odd, file), text);
      return prepareDataset("ie", { dataDir: odd }).then(
        () => "accepted",
        (error: Error) => error.message.replace(odd, ""),
      );
    };
    expect(await refused("a O\nb\n")).toContain(`${file}:2`);
    expect(await refused("a O\nb\tO\n")).toContain(`${file}:2`);
    expect(await refused("a O\nb O \n")).toContain(`${file}:2`);
    expect(await refused("a O\nb PERSON\n")).toContain("expected O, I-TYPE or B-TYPE");
    expect(await refused("-DOCSTART- O\n\n")).toContain("no documents");
  });
});
