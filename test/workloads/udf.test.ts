import { transform } from "esbuild";
import { describe, expect, test } from "vitest";
import type { UdfFunction } from "../../src/core/operators.ts";
import { operatorKey } from "../../src/core/signature.ts";
import { normalizeFunction, udfOperator } from "../../src/workloads/udf.ts";

const returns = { name: "out", type: "double" } as const;
/** The function a text stands for. */
function evaluate(text: string): unknown {
  // oxlint-disable-next-line typescript/no-implied-eval -- texts of functions are what is tested
  return (new Function(`return (${text})`) as () => unknown)();
}
const normal = (text: string): string => normalizeFunction("f", text).source;

describe("the normalized source of a function", () => {
  test.each([
    ["comments and white space", "(c)=>c.a.map(x=>x+1)", "( c ) => /* why */ c.a\n  .map( (x) => x + 1 ) // done"],
    ["quotes and number spellings", "(c) => [c['a'], 1000, 'x']", '(c) => [c["a"], 1_000, "x"]'],
    ["semicolons", "(c) => { const a = 1\n return [a] }", "(c) => { const a = 1; return [a]; }"],
    ["redundant parentheses", "(c) => (((c.a)))", "(c) => c.a"],
    ["the function's own name", "function one(c) { return c.a }", "function two(c) { return c.a }"],
    ["a method in shorthand", "one(c) { return c.a }", "function (c) { return c.a }"],
  ])("does not depend on %s", (_what, a, b) => {
    expect(normal(a)).toBe(normal(b));
  });

  test.each([
    ["an operator", "(c) => c.a.map((x) => x + 1)", "(c) => c.a.map((x) => x - 1)"],
    ["a text", "(c) => ['a b']", "(c) => ['a  b']"],
    ["a line break that ends a return", "(c) => { return\n [1] }", "(c) => { return [1] }"],
    ["a regular expression's flags", "(c) => [/a/.test(c.a)]", "(c) => [/a/i.test(c.a)]"],
    ["a template's spaces", "(c) => [`a ${c.a}`]", "(c) => [`a${c.a}`]"],
    ["the name of a function that calls itself", "function f(c) { return f(c) }", "function g(c) { return g(c) }"],
  ])("does depend on %s", (_what, a, b) => {
    expect(normal(a)).not.toBe(normal(b));
  });

  test("is the same under loaders that keep names and under those that do not", async () => {
    const source = `const f = (columns, env) => {
      const half = (x) => x / 2; // halves
      function twice(x: number | undefined) { return x === undefined ? null : x * 2; }
      return columns["age"].map((x) => half(twice(x as number)));
    };`;
    const texts = await Promise.all(
      [{ keepNames: true }, { keepNames: false }, { keepNames: true, minifyWhitespace: true }].map(async (options) => {
        const { code } = await transform(source, { loader: "ts", target: "node20", ...options });
        // oxlint-disable-next-line typescript/no-implied-eval -- what a loader does
        const load = new Function(
          "__name",
          `var __defProp; ${code.replaceAll(/var __(?:defProp|name)\s?=[^;\n]*[;\n]/gu, "")}; return f;`,
        );
        return String((load as (name: unknown) => unknown)((fn: unknown) => fn));
      }),
    );
    expect(texts[0]).toContain("__name(");
    expect(new Set(texts.map((text) => normal(text))).size).toBe(1);
    expect(normalizeFunction("f", texts[0] ?? "").free).toEqual([]);
  });

  test("runs like the original", () => {
    const fn = (c: { a: number[] }, env: { k: number }): number[] => c.a.map((x) => (x > 1 ? Math.max(x, env.k) : -x)); // comment
    const again = evaluate(normal(String(fn))) as typeof fn;
    expect(again({ a: [0, 1, 2, 9] }, { k: 5 })).toEqual(fn({ a: [0, 1, 2, 9] }, { k: 5 }));
  });
});

describe("free variables", () => {
  const threshold = 3;
  test("a variable from outside is refused by name, with the way out", () => {
    const fn: UdfFunction = (c) => (c["a"] ?? []).map((x) => (x as number) > threshold);
    expect(() => udfOperator("high", fn, { columns: ["a"], returns })).toThrow(
      'udf "high": free variable "threshold" comes from outside the function, so a change of it would go unnoticed; pass it as with: { threshold }',
    );
  });

  test("what comes through with is part of the signature", () => {
    const fn: UdfFunction = (c, env) => (c["a"] ?? []).map((x) => (x as number) > (env["threshold"] as number));
    const with3 = udfOperator("high", fn, { columns: ["a"], returns, with: { threshold } });
    const with4 = udfOperator("high", fn, { columns: ["a"], returns, with: { threshold: 4 } });
    expect(with3.fn({ a: [2, 4] }, with3.with)).toEqual([false, true]);
    expect(operatorKey(with3)).not.toBe(operatorKey(with4));
    expect(operatorKey(with3)).toBe(operatorKey({ ...with3, fn: () => [] })); // the source counts, not the object
  });

  test("parameters, inner variables, property names, labels and pure globals are not free", () => {
    const text = `({ a: [...rest] }, { k = 2 }) => {
      let total = 0; const { x: inner } = { x: 1 };
      outer: for (const v of rest) { try { if (v.total) continue outer; total += Math.sqrt(v) * k; } catch (e) { throw new Error(String(e)); } }
      class Box { size = inner; }
      return [total, new Box().size, Number.NaN, JSON.stringify(undefined)];
    }`;
    expect(normalizeFunction("f", text).free).toEqual(["Math", "Error", "String", "Number", "JSON", "undefined"]);
  });

  test.each([
    ["(c) => c.a.map(() => Math.random())", "Math.random"],
    ["(c) => c.a.map(() => Math['random']())", "Math.random"],
    ["(c) => [Date.now()]", "Date"],
  ])("%s is refused unless declared nondeterministic", (text, name) => {
    const fn = evaluate(text) as UdfFunction;
    expect(() => udfOperator("u", fn, { columns: ["a"], returns })).toThrow(`uses ${name}, whose value differs`);
    expect(udfOperator("u", fn, { columns: ["a"], returns, deterministic: false }).op).toBe("udf");
  });

  test.each([
    ["(c) => eval('1')", 'free variable "eval"'],
    ["(c) => fetch('x')", 'free variable "fetch"'],
    ["(c) => arguments[0]", 'free variable "arguments"'],
    ["function (c) { return this.a }", "uses this"],
    ["async (c) => c.a", "is asynchronous or a generator"],
    ["function* (c) { yield 1 }", "is asynchronous or a generator"],
    ["(c) => import('node:fs')", "imports something"],
    ["class A {}", "is a ClassExpression; expected a function"],
  ])("%s is refused", (text, message) => {
    const check = (): void => {
      const stub = Object.assign(() => [], { toString: () => text });
      udfOperator("u", stub, { columns: ["a"], returns });
    };
    expect(check).toThrow(message);
  });

  test("native functions, and data that is not plain, are refused", () => {
    const native = Math.abs as unknown as UdfFunction;
    expect(() => udfOperator("u", native, { columns: ["a"], returns })).toThrow("is native or bound");
    expect(() => udfOperator("u", (c) => c["a"] ?? [], { columns: ["a"], returns, with: { m: new Map() } })).toThrow(
      "$.m: is a Map",
    );
  });
});
