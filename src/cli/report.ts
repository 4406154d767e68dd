import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../core/errors.ts";
import { replaceFile } from "../harness/cells.ts";
import { renderPage } from "../report/page.ts";
import { readResultFolder } from "../report/result-folder.ts";
import type { Command } from "./command.ts";
import { textOption } from "./experiment-choice.ts";

/** `reuselab report FOLDER… --out DIR`: one self-contained page of result folders. */
export const command: Command = {
  name: "report",
  summary: "make one self-contained HTML page of result folders",
  arguments: "[folder...]",
  options: [
    { flags: "--out <dir>", description: "folder of the page", default: "out/report" },
    { flags: "--title <text>", description: "title of the page", default: "reuselab results" },
  ],
  async run({ values, positionals }, effects) {
    if (positionals.length === 0)
      throw new UsageError("report: no folder given; expected result folders such as results/demo-fig2b");
    const results = positionals.map(readResultFolder);
    const out = textOption(values, "out") ?? "out/report";
    mkdirSync(out, { recursive: true });
    const file = join(out, "index.html");
    replaceFile(
      file,
      renderPage({
        title: textOption(values, "title") ?? "reuselab results",
        intro: "What the papers say beside what we got, with the largest value any policy could reach.",
        results,
      }),
    );
    effects.stdout(`${file}\n`);
    return Promise.resolve(0);
  },
};
