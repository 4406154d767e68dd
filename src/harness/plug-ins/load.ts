import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { UsageError } from "../../core/errors.ts";
import { sortPlugIns, type LoadedPlugIns } from "./loaded.ts";

/** Root of the running installation: where its package.json is. */
function installationRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!isOurPackage(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new UsageError("--plugin: the running installation has no package.json");
    folder = parent;
  }
  return folder;
}

function isOurPackage(file: string): boolean {
  return existsSync(file) && (JSON.parse(readFileSync(file, "utf8")) as { name?: string }).name === "reuselab";
}

/** File behind `reuselab` or `reuselab/part`, by the package's `exports`. */
function ownModule(specifier: string): string | undefined {
  const root = installationRoot();
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    exports: Readonly<Record<string, string | { readonly default: string }>>;
  };
  const entry = exports[specifier === "reuselab" ? "." : `.${specifier.slice("reuselab".length)}`];
  if (entry === undefined) return undefined;
  const built = join(root, typeof entry === "string" ? entry : entry.default);
  const source = built.replace(`${root}/dist/`, `${root}/`).replace(/\.js$/u, ".ts");
  const runsFromSource = import.meta.url.endsWith(".ts");
  return (runsFromSource && existsSync(source)) || !existsSync(built) ? source : built;
}

const isOurs = (specifier: string): boolean => specifier === "reuselab" || specifier.startsWith("reuselab/");

/**
 * Bare imports stay outside the bundle, as absolute addresses: the plug-in's own packages where its folder has them,
 * `reuselab` and `zod` of the running installation where it has not.
 */
const outside: Plugin = {
  name: "outside",
  setup(builder) {
    builder.onResolve({ filter: /^[^./]/ }, async (args) => {
      if (args.kind === "entry-point" || args.pluginData === "asked") return undefined;
      if (args.path.startsWith("node:") || builtinModules.includes(args.path))
        return { path: args.path, external: true };
      const local = isOurs(args.path)
        ? undefined
        : await builder.resolve(args.path, {
            kind: args.kind,
            resolveDir: args.resolveDir,
            importer: args.importer,
            pluginData: "asked",
          });
      if (local !== undefined && local.errors.length === 0)
        return { path: pathToFileURL(local.path).href, external: true };
      const own = isOurs(args.path)
        ? ownModule(args.path)
        : args.path === "zod"
          ? fileURLToPath(import.meta.resolve("zod"))
          : undefined;
      return own === undefined ? undefined : { path: pathToFileURL(own).href, external: true };
    });
  },
};

/** Path of what `--plugin` names: a file, or a package installed where the command runs. */
async function fileOf(name: string, folder: string): Promise<string> {
  const path = resolve(folder, name);
  if (existsSync(path) && statSync(path).isFile()) return path;
  if (!name.startsWith(".") && !name.startsWith("/")) {
    const { createRequire } = await import("node:module");
    try {
      return createRequire(join(folder, "anything.js")).resolve(name);
    } catch {
      // said below
    }
  }
  throw new UsageError(
    `--plugin ${name}: no such file, and no package of that name is installed here; give the path of a .ts or .js file`,
  );
}

/**
 * Loads one plug-in file: TypeScript or JavaScript, in any folder, with nothing installed there.
 *
 * The file and what it imports relatively are bundled, so that it does not matter whether a package.json beside it says
 * `"type": "module"`. Its default export is one plug-in or an array of them.
 *
 * @throws {UsageError} when it cannot be found, compiled, run, or exports no plug-in; the message names the file
 */
export async function loadPlugIn(name: string, folder = process.cwd()): Promise<LoadedPlugIns> {
  const file = await fileOf(name, folder);
  const work = mkdtempSync(join(tmpdir(), "reuselab-plugin-"));
  try {
    const bundle = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      format: "esm",
      platform: "node",
      target: "node20",
      sourcemap: "inline",
      logLevel: "silent",
      plugins: [outside],
      tsconfigRaw: "{}",
    });
    const out = join(work, "plug-in.mjs");
    writeFileSync(out, bundle.outputFiles[0]?.text ?? "");
    const loaded = (await import(pathToFileURL(out).href)) as { default?: unknown };
    return sortPlugIns(name, unwrapped(loaded.default));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const text = error instanceof Error ? error.message.split("\n").slice(0, 3).join(" ") : String(error);
    throw new UsageError(`--plugin ${name}: cannot be loaded: ${text}`, { cause: error });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** CommonJS interop can put the module's exports object where the default export should be. */
function unwrapped(value: unknown): unknown {
  const isWrapper =
    typeof value === "object" && value !== null && "default" in value && !("id" in value) && !Array.isArray(value);
  return isWrapper ? unwrapped(value.default) : value;
}
