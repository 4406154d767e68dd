import { existsSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../executors/store/make-folder.ts";
import { UsageError } from "../core/errors.ts";
import { plugInReadme, plugInSource, templateKinds } from "../harness/plug-ins/templates.ts";
import { writeFileAtomically } from "../traces/write.ts";
import type { Command } from "./command.ts";

const namePattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/u;

/** `reuselab new planner|materializer|workload NAME --out DIR`: one source file that already conforms, and a README. */
export const command: Command = {
  name: "new",
  summary: "write a new planner, materializer or workload to start from",
  arguments: "<kind> <name>",
  options: [
    { flags: "--out <dir>", description: "folder to write into", default: "." },
    { flags: "--force", description: "overwrite what is there" },
  ],
  async run({ values, positionals }, effects) {
    const [kindText = "", name = ""] = positionals;
    const kind = templateKinds.find((known) => known === kindText);
    if (kind === undefined)
      throw new UsageError(`new: kind "${kindText}" is unknown; expected one of ${templateKinds.join(", ")}`);
    if (!namePattern.test(name))
      throw new UsageError(
        `new: name "${name}" is not in kebab-case; expected small letters, digits and single hyphens, for example my-${kind}`,
      );
    const folder = String(values["out"]);
    const source = join(folder, `${name}.ts`);
    if (existsSync(source) && values["force"] !== true)
      throw new UsageError(`new: ${source} exists; choose another folder or give --force`);
    // A README that is there may be of another plug-in or of the user's project.
    const isFree = !existsSync(join(folder, "README.md"));
    const files = [
      { path: source, text: plugInSource(kind, name) },
      { path: join(folder, isFree ? "README.md" : `${name}.md`), text: plugInReadme(kind, name) },
    ];
    makeFolder(folder);
    for (const { path, text } of files) await writeFileAtomically(path, text);
    const paths = files.map(({ path }) => path);
    effects.stdout(
      values["format"] === "json"
        ? `${JSON.stringify({ kind, id: name, files: paths })}\n`
        : `${paths.join("\n")}\ntry: reuselab conform ${paths[0] ?? ""}\n`,
    );
    return 0;
  },
};
