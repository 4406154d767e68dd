/** `npm run notebooks`: checks the sources of the notebooks and builds them, everything bundled, to `out/notebooks`. */
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { config, observable } from "@observablehq/notebook-kit/vite";
import { build } from "vite";
import { checkNotebook, type NotebookCell } from "./notebook-check.ts";

const root = resolve("notebooks");
const files = readdirSync(root).filter((name) => name.endsWith(".html"));

await build({
  ...config(),
  configFile: false,
  logLevel: "warn",
  root,
  plugins: [
    observable({
      transformNotebook(notebook: { readonly cells: readonly NotebookCell[] }, { path }: { readonly path: string }) {
        const complaints = checkNotebook(notebook.cells);
        if (complaints.length > 0) throw new Error(`notebooks${path}: ${complaints.join("\n")}`);
        return notebook;
      },
    } as Parameters<typeof observable>[0]),
  ],
  build: {
    outDir: resolve("out/notebooks"),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 5000,
    rollupOptions: { input: files.map((name) => resolve(root, name)) },
  },
});
process.stdout.write(`out/notebooks: ${files.join(", ")}\n`);
