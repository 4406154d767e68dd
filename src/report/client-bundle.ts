import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** A script to be put into a page. */
export interface PageScript {
  readonly text: string;
  /** Its source expression in a content security policy, quotes included. */
  readonly hash: string;
}

let made: Promise<PageScript> | undefined;

/** The page's own script with Vega in it, bundled once per process from what is installed. About 600 KB. */
export function pageScript(): Promise<PageScript> {
  made ??= bundle();
  return made;
}

async function bundle(): Promise<PageScript> {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const result = await build({
    entryPoints: [fileURLToPath(new URL(`./client/main.${extension}`, import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    platform: "browser",
    format: "iife",
    target: "es2022",
    charset: "ascii",
    legalComments: "none",
    logLevel: "silent",
  });
  const text = (result.outputFiles[0]?.text ?? "")
    .trim()
    .replaceAll("</script", String.raw`<\/script`)
    .replaceAll("<!--", String.raw`\x3c!--`);
  return { text, hash: `'sha256-${createHash("sha256").update(text).digest("base64")}'` };
}
