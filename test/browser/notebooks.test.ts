import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser, openPage, screenshots, serveFolder } from "./browser.ts";

const folder = "out/notebooks";

let browser: Browser;
let server: Awaited<ReturnType<typeof serveFolder>>;

beforeAll(async () => {
  if (!existsSync(join(folder, "fig2.html")))
    throw new Error(`test:browser needs the built notebooks in ${folder}: npm run notebooks`);
  browser = await openBrowser();
  server = await serveFolder(folder);
});

afterAll(async () => {
  await browser.close();
  await server.close();
});

describe.each([
  { name: "fig2", charts: 1 },
  { name: "planners", charts: 2 },
  { name: "heuristic", charts: 1 },
])("the notebook $name", ({ name, charts }) => {
  test.each([1280, 390])("draws %d px wide without asking another host for anything", async (width) => {
    const { page, troubles, outside } = await openPage(browser, `${server.address}/${name}.html`, { width });
    await expect.poll(() => page.locator(".drawn svg").count(), { timeout: 30_000 }).toBe(charts);
    await expect.poll(() => page.locator("table").count()).toBeGreaterThan(0);
    await page.waitForTimeout(300);
    await page.screenshot({ path: join(screenshots, `notebook-${name}-${width}.png`), fullPage: true });
    expect(await page.locator(".observablehq--error").count()).toBe(0);
    expect(outside).toEqual([]);
    expect(troubles).toEqual([]);
    await page.context().close();
  });
});

test("the figure follows its budget slider", async () => {
  const { page } = await openPage(browser, `${server.address}/fig2.html`);
  const cell = page.locator("td", { hasText: /B$/u }).first();
  await expect.poll(() => cell.count(), { timeout: 30_000 }).toBe(1);
  expect(await cell.textContent()).not.toBe("0 B");
  await page.locator('input[type="number"]').first().fill("0");
  await page.keyboard.press("Enter");
  await expect.poll(() => cell.textContent(), { timeout: 15_000 }).toBe("0 B");
  await page.context().close();
});

test("the page of one's own heuristic replays what the reader writes, and catches a broken rule", async () => {
  const { page, troubles } = await openPage(browser, `${server.address}/heuristic.html`);
  const contract = page.locator("table").nth(1);
  await expect.poll(() => contract.count(), { timeout: 30_000 }).toBe(1);
  expect(await contract.locator("td", { hasText: /^no$/u }).count()).toBe(0);
  await page.locator("textarea").fill("return true;");
  await page.getByRole("button", { name: "Use it" }).click();
  await expect.poll(() => contract.locator("td", { hasText: /^no$/u }).count(), { timeout: 30_000 }).toBeGreaterThan(0);
  expect(await page.locator("table").first().textContent()).toContain("mine");
  expect(troubles).toEqual([]);
  await page.context().close();
});
