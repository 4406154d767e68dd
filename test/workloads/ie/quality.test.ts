import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { foldQuality, ieVersions } from "../../../bench/ie/fold-quality.ts";
import { tokenTable } from "../../../bench/ie/text-features.ts";
import { parseConll } from "../../../src/workloads/ie/conll.ts";
import { newsDocuments } from "../../../src/workloads/ie/news.ts";

const wikigold = "../shared/data/ie/wikigold.conll.txt";
const hasWikigold = existsSync(wikigold);
if (!hasWikigold) process.stderr.write(`left out: span quality on Wikigold; ${wikigold} is not there\n`);

test.runIf(hasWikigold)(
  "on Wikigold the first version finds persons with F1 ≥ 0.60 (mean of five folds by document), the last one more, without transitions far less",
  async () => {
    const table = tokenTable(parseConll(readFileSync(wikigold, "utf8")));
    const chain = ieVersions("chain-perceptron");
    const first = await foldQuality(chain[0]?.nodes ?? [], table);
    const last = await foldQuality(chain.at(-1)?.nodes ?? [], table);
    const alone = await foldQuality(ieVersions("token-perceptron")[0]?.nodes ?? [], table);
    expect(first.meanF1).toBeGreaterThanOrEqual(0.6);
    expect(last.meanF1).toBeGreaterThan(first.meanF1 + 0.03);
    expect(alone.meanF1).toBeLessThan(first.meanF1 - 0.05);
  },
);

test("generated news are neither trivial nor hopeless", async () => {
  const table = tokenTable(parseConll([...newsDocuments({ documents: 100, seed: 1 })].join("")));
  const { meanF1 } = await foldQuality(ieVersions("chain-perceptron")[0]?.nodes ?? [], table);
  expect(meanF1).toBeGreaterThan(0.75);
  expect(meanF1).toBeLessThan(0.97);
});
