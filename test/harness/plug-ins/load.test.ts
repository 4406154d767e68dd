import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadPlugIn } from "../../../src/harness/plug-ins/load.ts";
import { mergePlugIns } from "../../../src/harness/plug-ins/loaded.ts";

const root = mkdtempSync(join(tmpdir(), "reuselab-plugin-test-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A folder with nothing installed in it. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(root, "f-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const planner = `{ id: "mine", title: "Mine", complexity: "O(V)", plan: (problem) => ({ states: new Uint8Array(problem.nodeCount), costUs: 0 }) }`;

describe("a plug-in file", () => {
  test("in TypeScript, with types and relative imports, beside no package.json", async () => {
    const folder = folderOf({
      "mine.ts": `import { title } from "./part.ts";\ninterface Named { readonly id: string }\nconst it: Named & Record<string, unknown> = { ...${planner}, title };\nexport default it;`,
      "part.ts": `export const title: string = "From a part";`,
    });
    const { planners } = await loadPlugIn("mine.ts", folder);
    expect(planners.get("mine")?.title).toBe("From a part");
  });

  test("in CommonJS, whatever the package.json beside it says", async () => {
    const folder = folderOf({
      "mine.cjs": `module.exports = { default: ${planner} };`,
      "package.json": `{"type":"module"}`,
    });
    expect([...(await loadPlugIn("./mine.cjs", folder)).planners.keys()]).toEqual(["mine"]);
  });

  test("finds zod and reuselab in the running installation when its folder has neither", async () => {
    const folder = folderOf({
      "mine.ts": `import { z } from "zod";\nimport { planCostUs } from "reuselab";\nexport default { ...${planner}, params: z.object({ alpha: z.number().default(0.3) }), priced: typeof planCostUs };`,
    });
    const mine = (await loadPlugIn("mine.ts", folder)).planners.get("mine");
    expect(mine?.params?.parse({})).toEqual({ alpha: 0.3 });
    expect(mine).toHaveProperty("priced", "function");
  });

  test("may be a package installed in the folder, by name, in its own format and with packages of its own", async () => {
    const folder = folderOf({});
    const packageOf = (name: string, manifest: object, files: Readonly<Record<string, string>>): void => {
      const home = join(folder, "node_modules", name);
      mkdirSync(join(home, "lib"), { recursive: true });
      writeFileSync(join(home, "package.json"), JSON.stringify({ name, version: "1.0.0", ...manifest }));
      for (const [path, source] of Object.entries(files)) writeFileSync(join(home, path), source);
    };
    packageOf(
      "@someone/words",
      { main: "lib/words.cjs" },
      { "lib/words.cjs": `module.exports = { title: "By words" };` },
    );
    packageOf(
      "@someone/planner",
      { type: "module", exports: "./lib/index.js" },
      {
        "lib/index.js": `import words from "@someone/words";\nimport { id } from "./id.js";\nexport default { ...${planner}, id, title: words.title };`,
        "lib/id.js": `export const id = "packaged";`,
      },
    );
    const { planners } = await loadPlugIn("@someone/planner", folder);
    expect(planners.get("packaged")?.title).toBe("By words");
    await expect(loadPlugIn("@someone/other", folder)).rejects.toThrow(/no package of that name is installed here/u);
  });

  test("may bring several plug-ins of several kinds", async () => {
    const folder = folderOf({
      "both.js": `export default [${planner}, { id: "keeper", title: "K", kind: "online", decideAt: "finish", keep: () => false }];`,
    });
    const loaded = await loadPlugIn("both.js", folder);
    expect([[...loaded.planners.keys()], [...loaded.materializers.keys()]]).toEqual([["mine"], ["keeper"]]);
    expect(() => mergePlugIns([loaded, loaded])).toThrow(/comes twice/u);
  });

  test.each([
    ["a missing file", {}, "gone.ts", /no such file/u],
    ["a syntax error", { "m.ts": "export default {" }, "m.ts", /cannot be loaded/u],
    [
      "an unknown package",
      { "m.ts": `import "no-such-package-anywhere"; export default {}` },
      "m.ts",
      /no-such-package-anywhere/u,
    ],
    ["a file that throws", { "m.js": `throw new Error("at once")` }, "m.js", /at once/u],
    ["no default export", { "m.ts": `export const a = 1;` }, "m.ts", /nothing by default/u],
    ["something else by default", { "m.ts": `export default { id: "x" };` }, "m.ts", /no plug-in/u],
    ["a bad id", { "m.ts": `export default { id: "Mine!", plan() {} };` }, "m.ts", /kebab-case/u],
  ])("%s is a usage error that names the file", async (_, files, name, message) => {
    const error = await loadPlugIn(name, folderOf(files as unknown as Record<string, string>)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "E_USAGE" });
    expect((error as Error).message).toContain(name);
    expect((error as Error).message).toMatch(message);
  });
});
