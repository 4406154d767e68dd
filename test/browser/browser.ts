/** A real browser for tests: every request is counted, none may leave the page, errors of the page are collected. */
import { existsSync, mkdirSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";

const executable = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Folder of the pictures that a run leaves behind. */
export const screenshots = "out/screenshots";

/** Opens the browser. @throws {Error} naming what to install when it is missing: asked for, it must be there */
export async function openBrowser(): Promise<Browser> {
  if (!existsSync(executable))
    throw new Error(
      `test:browser needs Chromium at ${executable}: apt-get install -y chromium, or set CHROMIUM to where it is`,
    );
  mkdirSync(screenshots, { recursive: true });
  return chromium.launch({
    executablePath: executable,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page with what happened in it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors and warnings of the console, and exceptions. */
  readonly troubles: readonly string[];
  /** Addresses of requests that went, or wanted to go, anywhere but to the page itself and data in it. */
  readonly outside: readonly string[];
}

/** How a page is opened. */
export interface PageLooks {
  readonly width?: number;
  readonly scheme?: "light" | "dark";
}

/** Opens an address (a file, or a server of this machine); every other host is blocked and counted. */
export async function openPage(browser: Browser, address: string, looks: PageLooks = {}): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: looks.width ?? 1280, height: 900 },
    colorScheme: looks.scheme ?? "light",
    acceptDownloads: true,
  });
  const page = await context.newPage();
  const troubles: string[] = [];
  const outside: string[] = [];
  const isOwn = (url: string): boolean =>
    url.startsWith("data:") ||
    url.startsWith("blob:") ||
    (address.startsWith("file:") ? url === address : new URL(url).origin === new URL(address).origin);
  await context.route("**/*", async (route) => {
    const url = route.request().url();
    if (isOwn(url)) return route.continue();
    outside.push(url);
    return route.abort();
  });
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") troubles.push(message.text());
  });
  page.on("pageerror", (error) => troubles.push(error.message));
  await page.goto(address, { waitUntil: "load" });
  return { page, troubles, outside };
}

const types = new Map([
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
  [".woff2", "font/woff2"],
  [".json", "application/json"],
]);

/** A server of one folder on this machine, for pages of modules. */
export async function serveFolder(folder: string): Promise<{ readonly address: string; close(): Promise<void> }> {
  const answer = async (url: string, response: ServerResponse): Promise<void> => {
    const path = normalize(decodeURIComponent(new URL(url, "http://x").pathname));
    try {
      const content = await readFile(join(folder, path));
      response.writeHead(200, { "content-type": types.get(extname(path)) ?? "application/octet-stream" });
      response.end(content);
    } catch {
      response.writeHead(404);
      response.end();
    }
  };
  const server: Server = createServer((request, response) => void answer(request.url ?? "/", response));
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", done);
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
