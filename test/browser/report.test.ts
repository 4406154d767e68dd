import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeReport } from "./make-report.ts";
import { openBrowser, openPage, screenshots } from "./browser.ts";

let browser: Browser;
let folder: string;
let address: string;
let largeAddress: string;

beforeAll(async () => {
  browser = await openBrowser();
  folder = mkdtempSync(join(tmpdir(), "reuselab-report-"));
  address = pathToFileURL(await makeReport(join(folder, "small"), { cells: 6, hostile: true })).href;
  largeAddress = pathToFileURL(await makeReport(join(folder, "large"), { cells: 10_000, hostile: false })).href;
});

afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Figures come alive when they come into view. */
async function liveFigure(page: Page): Promise<void> {
  await page.locator("figure.chart").first().scrollIntoViewIfNeeded();
  await page.waitForSelector('figure.chart[data-live="yes"]', { timeout: 10_000 });
}

describe.each([1280, 390])("the report at %d px", (width) => {
  test.each(["light", "dark"] as const)(
    "%s: nothing leaves the page, nothing complains, nothing sticks out",
    async (scheme) => {
      const { page, troubles, outside } = await openPage(browser, address, { width, scheme });
      await liveFigure(page);
      await page.waitForSelector('.plan-view[data-live="yes"]');
      await page.screenshot({ path: join(screenshots, `report-${width}-${scheme}.png`), fullPage: true });
      expect(outside).toEqual([]);
      expect(troubles).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(
        0,
      );
      await page.context().close();
    },
  );
});

test("figures fit a phone: the plot as wide as the page, the legend below it", async () => {
  const { page } = await openPage(browser, address, { width: 390 });
  await liveFigure(page);
  const figure = page.locator('figure.chart[data-live="yes"]').first();
  const [over, svg, legend, plot] = await Promise.all([
    figure.evaluate((one) => one.scrollWidth - one.clientWidth),
    figure.locator(".live svg").boundingBox(),
    figure.locator(".live .role-legend").first().boundingBox(),
    figure.locator(".live .role-axis").first().boundingBox(),
  ]);
  expect(over).toBe(0);
  expect(svg!.width).toBeLessThanOrEqual(390);
  expect(legend!.y).toBeGreaterThan(plot!.y + plot!.height / 2);
  await page.context().close();
});

test("the watch itself sees a page that asks for a picture elsewhere, and stops it", async () => {
  const file = join(folder, "asks.html");
  writeFileSync(file, '<!doctype html><img src="https://elsewhere.example/picture.png">');
  const { page, troubles, outside } = await openPage(browser, pathToFileURL(file).href);
  expect(outside).toEqual(["https://elsewhere.example/picture.png"]);
  expect(troubles.length).toBeGreaterThan(0);
  await page.context().close();
});

describe("figures", () => {
  test("show a point's numbers on hover, and hide them when the pointer leaves", async () => {
    const { page } = await openPage(browser, address);
    await liveFigure(page);
    await page.locator('figure.chart .live path[aria-label^="keystoneml · simulated, iteration 4"]').hover();
    const tooltip = page.locator(".tooltip");
    await expect.poll(() => tooltip.isVisible()).toBe(true);
    expect(await tooltip.textContent()).toMatch(/iteration 4 .*so far/u);
    await page.mouse.move(2, 2);
    await expect.poll(() => tooltip.isVisible()).toBe(false);
    await page.context().close();
  });

  test("go through their marks by arrow keys, and Escape hides the tooltip", async () => {
    const { page, troubles } = await openPage(browser, address);
    await liveFigure(page);
    await page.locator("figure.chart").first().focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.locator(".tooltip").isVisible()).toBe(true);
    const first = await page.locator(".tooltip").textContent();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.locator(".tooltip").textContent()).not.toBe(first);
    await page.keyboard.press("Escape");
    expect(await page.locator(".tooltip").isVisible()).toBe(false);
    expect(troubles).toEqual([]);
    await page.context().close();
  });
});

describe("downloads", () => {
  test("give the raw rows as they are in the folder", async () => {
    const { page } = await openPage(browser, address);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: /rows\.csv/u }).click(),
    ]);
    const path = join(folder, "saved.csv");
    await download.saveAs(path);
    expect(download.suggestedFilename()).toBe("page-test-rows.csv");
    expect(readFileSync(path)).toEqual(readFileSync(join(folder, "small", "page-test", "rows.csv")));
    await page.context().close();
  });
});

describe("the plan view", () => {
  test("moves by buttons and arrow keys, both systems at once, and stops at the ends", async () => {
    const { page, troubles } = await openPage(browser, address);
    const view = page.locator(".plan-view").first();
    const now = view.locator(".now strong");
    await page.waitForSelector('.plan-view[data-live="yes"]');
    expect(await now.textContent()).toBe("Iteration 0");
    expect(await view.locator(".previous").isDisabled()).toBe(true);
    await view.locator(".next").click();
    expect(await now.textContent()).toBe("Iteration 1");
    await page.keyboard.press("ArrowRight");
    expect(await now.textContent()).toBe("Iteration 2");
    expect(await view.locator("svg.plan[aria-label$='iteration 2']").count()).toBe(2);
    await page.keyboard.press("ArrowLeft");
    expect(await now.textContent()).toBe("Iteration 1");
    await page.keyboard.press("End");
    expect(await view.locator(".next").isDisabled()).toBe(true);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test("draws loads as a drum on the left, stored results as one on the right, pruned nodes grey", async () => {
    const { page } = await openPage(browser, address);
    await page.waitForSelector('.plan-view[data-live="yes"]');
    const view = page.locator(".plan-view").first();
    const left = view.locator(".pane").first();
    expect(await left.locator(".drum.written").count()).toBeGreaterThan(0);
    await view.locator(".next").click();
    const loaded = left.locator(".node.load").first();
    const box = (await loaded.locator("rect").boundingBox())!;
    const drum = (await loaded.locator(".drum.loaded").boundingBox())!;
    expect(Math.abs(drum.x + drum.width / 2 - box.x)).toBeLessThan(2);
    const kept = (await loaded.locator(".drum.kept").boundingBox())!;
    expect(Math.abs(kept.x + kept.width / 2 - box.x - box.width)).toBeLessThan(2);
    const fills = await page.evaluate(
      `["prune", "compute"].map((state) => getComputedStyle(document.querySelector(".plan-view .node." + state + " rect")).fill)`,
    );
    expect(fills).toEqual([expect.stringContaining("238, 240, 242"), expect.not.stringContaining("238, 240, 242")]);
    await page.context().close();
  });

  test("tells run time and storage on hover and on focus, and marks the node on the other side", async () => {
    const { page } = await openPage(browser, address);
    await page.waitForSelector('.plan-view[data-live="yes"]');
    const view = page.locator(".plan-view").first();
    await view.locator(".pane").first().locator(".node").nth(1).hover();
    await expect.poll(() => page.locator(".tooltip").textContent()).toMatch(/computed: compute .*run time .*storage /u);
    expect(await view.locator(".pane").nth(1).locator(".node.pointed").count()).toBe(1);
    await page.mouse.move(2, 2);
    await view.locator(".pane").nth(1).locator('.node[tabindex="0"]').focus();
    const before = await page.locator(".tooltip").textContent();
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => page.locator(".tooltip").textContent()).not.toBe(before);
    await page.keyboard.press("ArrowRight");
    expect(await view.locator(".now strong").textContent()).toBe("Iteration 1");
    expect(await page.evaluate(`document.activeElement.classList.contains("node")`)).toBe(true);
    await page.context().close();
  });

  test("compares any two of the systems, and says why one has no plan", async () => {
    const { page } = await openPage(browser, address);
    await page.waitForSelector('.plan-view[data-live="yes"]');
    const view = page.locator(".plan-view").first();
    await view.locator("select").nth(1).selectOption({ label: "deepdive" });
    await view.locator(".strip button").last().click();
    expect(await view.locator(".ends").textContent()).toContain("ends before the first li/ppr iteration");
    await page.context().close();
  });

  test("shows hostile names as text", async () => {
    const { page, troubles, outside } = await openPage(browser, address);
    await page.waitForSelector('.plan-view[data-live="yes"]');
    const nodes = page.locator(".plan-view").first().locator(".node");
    for (let i = 0; i < (await nodes.count()); i++) await nodes.nth(i).hover();
    expect(await page.evaluate("globalThis.attacked")).toBeUndefined();
    expect(await page.locator(".plan-view img, .plan-view script, .tooltip img").count()).toBe(0);
    expect(await page.locator(".plan-view").first().textContent()).toContain("<img src=x");
    expect(outside).toEqual([]);
    expect(troubles).toEqual([]);
    await page.context().close();
  });
});

describe("a report of 10,000 cells", () => {
  test("is below 10 MB and opens in 2 s", async () => {
    expect(statSync(new URL(largeAddress)).size).toBeLessThan(10_000_000);
    const { page, troubles } = await openPage(browser, largeAddress);
    await liveFigure(page);
    const loadMs = await page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd");
    expect(loadMs).toBeLessThan(2000);
    expect(troubles).toEqual([]);
    await page.context().close();
  });
});
