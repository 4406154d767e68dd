import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";

/** Layers that notebooks load in the browser (DESIGN §4). */
const browserSafe = [
  "src/core",
  "src/algorithms",
  "src/baselines",
  "src/workloads",
  "src/simulator",
  "src/executors/simulated",
  "src/traces/format",
  "src/report/charts",
];

function sourcesUnder(folder: string): string[] {
  const found: string[] = [];
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) found.push(...sourcesUnder(path));
    else if (path.endsWith(".ts")) found.push(path);
  }
  return found;
}

describe("the browser bundle", () => {
  test.each(browserSafe)("%s bundles for the browser without a Node module", async (folder) => {
    const entries = sourcesUnder(folder);
    expect(entries.length).toBeGreaterThan(0);
    const result = await build({
      stdin: { contents: entries.map((path, i) => `export * as m${i} from "./${path}";`).join("\n"), resolveDir: "." },
      bundle: true,
      write: false,
      platform: "browser",
      format: "esm",
      metafile: true,
      logLevel: "silent",
    });
    const nodeImports = Object.entries(result.metafile.inputs).flatMap(([path, input]) =>
      input.imports
        .filter((imported) => imported.path.startsWith("node:"))
        .map((imported) => `${path} → ${imported.path}`),
    );
    expect(nodeImports).toEqual([]);
    expect(result.outputFiles[0]?.text).not.toMatch(/from\s*["']node:/u);
  });
});
