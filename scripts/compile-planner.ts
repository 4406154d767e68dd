/**
 * Compiles `assembly/` (AssemblyScript) to WebAssembly and writes it, as text, to src/algorithms/reuse/exact/generated/planner-wasm.ts,
 * which is not committed. Run by `npm ci` (prepare), `npm run build` and `npm run check`; does nothing if the sources are the same.
 * Without the compiler (`npm ci --omit=dev`) the text is empty and `exact` stays in JavaScript: slower, the same plans.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = join(root, "assembly");
const target = join(root, "src/algorithms/reuse/exact/generated/planner-wasm.ts");
const compiler = join(root, "node_modules/assemblyscript");
const options = ["--optimizeLevel", "3", "--shrinkLevel", "0", "--runtime", "stub", "--noAssert"];

function compile(): string {
  const folder = mkdtempSync(join(tmpdir(), "reuselab-wasm-"));
  try {
    const file = join(folder, "planner.wasm");
    const entry = join(sources, "index.ts");
    execFileSync(process.execPath, [join(compiler, "bin/asc.js"), entry, ...options, "--outFile", file], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    return readFileSync(file).toString("base64");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const available = existsSync(compiler);
const hash = createHash("sha256").update(options.join(" "));
if (available) {
  hash.update(readFileSync(join(compiler, "package.json")));
  for (const name of readdirSync(sources).toSorted()) hash.update(readFileSync(join(sources, name)));
}
const head = `// Compiled from assembly/ by scripts/compile-planner.ts; do not edit. Sources: ${hash.digest("hex")}`;
if (!existsSync(target) || !readFileSync(target, "utf8").startsWith(head)) {
  if (!available) process.stderr.write("assemblyscript is not installed: the planner exact will run in JavaScript\n");
  const text = available ? compile() : "";
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(
    target,
    `${head}\n\n/** The planner as a WebAssembly module, in base64; empty if it could not be compiled. */\nexport const plannerWasm: string =\n  "${text}";\n`,
  );
}
