/**
 * Prints the quality of every version of workload `ie` on a CoNLL file (default: Wikigold in ../shared/data), exact-match spans
 * of persons, five folds by document. Usage: tsx bench/ie/folds.ts [FILE] [chain-perceptron|chain-crf|token-perceptron …]
 */
import { readFile } from "node:fs/promises";
import { parseConll } from "../../src/workloads/ie/conll.ts";
import { foldQuality, ieVersions, pooled } from "./fold-quality.ts";
import { tokenTable } from "./text-features.ts";

const [file = "../shared/data/ie/wikigold.conll.txt", ...asked] = process.argv.slice(2);
const models = (["chain-perceptron", "token-perceptron", "chain-crf"] as const).filter((model) =>
  asked.length === 0 ? model !== "chain-crf" : asked.includes(model),
);
const table = tokenTable(parseConll(await readFile(file, "utf8")));
process.stdout.write(
  `${table.tokens.length} tokens; fold = document index mod 5; five passes (perceptrons) or 60 iterations, l2 0.5 (CRF); BIO tags of all types\n`,
);
process.stdout.write(
  "Passes and groups of features were chosen after looking at these very folds: the scores are not those of a blind test.\n",
);
process.stdout.write("| model | version | features | fold 0 | 1 | 2 | 3 | 4 | mean F1 | pooled P | pooled R |\n");
process.stdout.write("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
for (const model of models)
  for (const { label = "", nodes } of ieVersions(model)) {
    const { folds, meanF1 } = await foldQuality(nodes, table);
    const count = (nodes.find(({ id }) => id === "examples")?.parents.length ?? 2) - 2;
    const all = pooled(folds);
    const cells = [...folds.map(({ f1 }) => f1), meanF1, all.precision, all.recall].map((value) => value.toFixed(3));
    process.stdout.write(`| ${[model, label, count, ...cells].join(" | ")} |\n`);
  }
