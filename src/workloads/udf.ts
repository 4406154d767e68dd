/**
 * User-defined functions as part of a signature: the text of the function is brought into a canonical form, so that comments,
 * white space, quotes and optional semicolons change nothing, and must not depend on anything around it.
 */
import { parseExpressionAt } from "acorn";
import { generate } from "astring";
import { analyze } from "eslint-scope";
import type { CallExpression, Expression, Node as SyntaxNode, Program } from "estree";
import { WorkflowError } from "../core/errors.ts";
import type { ColumnSpec, ScalarType, UdfFunction, UdfOp } from "../core/operators.ts";
import { canonicalJson } from "../core/signature.ts";

/** Names a function may use without passing them in: they mean the same in every session. */
const pureGlobals: ReadonlySet<string> = new Set(
  (
    "Array BigInt Boolean Error Infinity JSON Map Math NaN Number Object RangeError RegExp Set String TypeError undefined " +
    "decodeURIComponent encodeURIComponent isFinite isNaN parseFloat parseInt Int32Array Float64Array Uint8Array Uint32Array"
  ).split(" "),
);

/** Names whose value differs from call to call. */
const impureGlobals: ReadonlySet<string> = new Set(["Date", "crypto", "performance", "process", "globalThis", "Intl"]);

/** How a function is declared in a workflow. */
export interface UdfOptions<T extends ScalarType = ScalarType> {
  /**
   * Columns the function sees: of a relation, their names there; of features, a name for each parent in order.
   */
  readonly columns: readonly string[];
  readonly returns: ColumnSpec & { readonly type: T };
  /** Everything from outside that the function needs, as plain data; it arrives as the function's second parameter. */
  readonly with?: Readonly<Record<string, unknown>>;
  /** Must be set to false for a function that draws random numbers or reads a clock. */
  readonly deterministic?: false;
}

/**
 * Makes the operator of a TypeScript function.
 *
 * @param name of the node, for messages
 * @throws {WorkflowError} when the function uses a variable from around it (named), is asynchronous, a generator, a class,
 * native or bound, uses `this`, or draws random numbers without `deterministic: false`
 */
export function udfOperator(name: string, fn: UdfFunction, options: UdfOptions): UdfOp {
  const env = options.with ?? {};
  canonicalJson(env); // refuses what is not plain data
  const { source, free } = normalizeFunction(name, fn.toString());
  for (const variable of free) {
    if (pureGlobals.has(variable)) continue;
    if (variable === "Math.random" || impureGlobals.has(variable)) {
      if (options.deterministic === false) continue;
      throw new WorkflowError(
        `udf "${name}": uses ${variable}, whose value differs from run to run; expected a function of its input alone; remove it or set deterministic: false`,
      );
    }
    throw new WorkflowError(
      `udf "${name}": free variable "${variable}" comes from outside the function, so a change of it would go unnoticed; pass it as with: { ${variable} } and read it from the second parameter`,
    );
  }
  return { op: "udf", columns: options.columns, returns: options.returns, source, with: env, fn };
}

/** A function's canonical text and the names it takes from outside, in order of first use. */
export interface NormalizedFunction {
  readonly source: string;
  readonly free: readonly string[];
}

/**
 * Parses a function's text (JavaScript: the loader has removed the types) and prints it in canonical form.
 *
 * @throws {WorkflowError} for text that is not one plain synchronous function
 */
export function normalizeFunction(name: string, text: string): NormalizedFunction {
  const expression = parseFunction(name, text);
  if (expression.type !== "ArrowFunctionExpression" && expression.type !== "FunctionExpression")
    throw new WorkflowError(`udf "${name}": is a ${expression.type}; expected a function`);
  if (expression.async === true || expression.generator === true)
    throw new WorkflowError(
      `udf "${name}": is asynchronous or a generator; expected a plain function that returns an array`,
    );
  refuseContext(name, expression);
  const isNamed = expression.type === "FunctionExpression" && expression.id !== null && expression.id !== undefined;
  const anonymous = isNamed ? { ...expression, id: null } : expression;
  const ownName = isNamed && namesFromOutside(anonymous).includes(expression.id?.name ?? "") ? expression : anonymous;
  return { source: generate(withoutHelpers(ownName), { indent: "", lineEnd: " " }), free: namesFromOutside(ownName) };
}

function parseFunction(name: string, text: string): Expression {
  if (/\{\s*\[native code\]\s*\}\s*$/u.test(text))
    throw new WorkflowError(`udf "${name}": is native or bound and has no text; expected a function written out`);
  const options = { ecmaVersion: "latest", sourceType: "module", ranges: true } as const;
  try {
    return parseExpressionAt(`(${text}\n)`, 0, options) as Expression;
  } catch (first) {
    try {
      // a method written in shorthand: { name(columns) { … } }
      const object = parseExpressionAt(`({${text}\n})`, 0, options) as Expression;
      const property = object.type === "ObjectExpression" ? object.properties[0] : undefined;
      if (property?.type === "Property" && property.value.type === "FunctionExpression") return property.value;
    } catch {
      // the first message tells more
    }
    throw new WorkflowError(`udf "${name}": its text cannot be parsed: ${String(first)}`, { cause: first });
  }
}

const helperName = "__name";

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/**
 * Copies a syntax tree without positions and raw literals, and without what a loader may have put there (`__name(fn, "name")`
 * around inner functions, `void 0` for `undefined`), so that the same source gives the same text under every loader.
 */
function withoutHelpers<T extends SyntaxNode>(node: T): T {
  const unwrapped = isHelperCall(node) ? node.arguments[0] : node;
  if (unwrapped.type === "UnaryExpression" && unwrapped.operator === "void" && unwrapped.argument.type === "Literal")
    return { type: "Identifier", name: "undefined" } as unknown as T;
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(unwrapped as object)) {
    if (["start", "end", "range", "raw"].includes(key)) continue;
    if (Array.isArray(value)) copy[key] = value.map((item: unknown) => (isNode(item) ? withoutHelpers(item) : item));
    else copy[key] = isNode(value) ? withoutHelpers(value) : value;
  }
  if (Array.isArray(copy["body"])) copy["body"] = copy["body"].filter((item: unknown) => !isHelperStatement(item));
  return copy as unknown as T;
}

function isHelperCall(node: SyntaxNode): node is CallExpression & { arguments: [Expression, ...Expression[]] } {
  return (
    node.type === "CallExpression" &&
    node.callee.type === "Identifier" &&
    node.callee.name === helperName &&
    node.arguments[0] !== undefined
  );
}

/** `__name(inner, "inner");` after a function declaration: a bare identifier once the call is unwrapped. */
function isHelperStatement(item: unknown): boolean {
  return (
    isNode(item) &&
    (item.type === "EmptyStatement" || (item.type === "ExpressionStatement" && item.expression.type === "Identifier"))
  );
}

/** Names the function neither declares nor receives, in order of first use, `Math.random` among them. */
function namesFromOutside(expression: Expression): readonly string[] {
  const program: Program = {
    type: "Program",
    sourceType: "module",
    body: [{ type: "ExpressionStatement", expression }],
  };
  const scopes = analyze(program, { ecmaVersion: 2024, sourceType: "module" });
  const names = new Set<string>();
  for (const { identifier } of scopes.globalScope?.through ?? [])
    if ("name" in identifier && typeof identifier.name === "string" && identifier.name !== helperName)
      names.add(identifier.name);
  visit(expression, (node) => {
    if (node.type !== "MemberExpression" || node.object.type !== "Identifier" || node.object.name !== "Math") return;
    const { property } = node;
    const isRandom =
      (property.type === "Identifier" && property.name === "random") ||
      (property.type === "Literal" && property.value === "random");
    if (isRandom) names.add("Math.random");
  });
  return [...names];
}

function refuseContext(name: string, expression: Expression): void {
  visit(expression, ({ type }) => {
    if (type === "ThisExpression")
      throw new WorkflowError(`udf "${name}": uses this; expected a function of its parameters alone`);
    if (type === "ImportExpression" || type === "MetaProperty")
      throw new WorkflowError(
        `udf "${name}": imports something or asks for its module; expected a function of its parameters alone`,
      );
  });
}

function visit(node: SyntaxNode, see: (node: SyntaxNode) => void): void {
  see(node);
  for (const value of Object.values(node) as unknown[])
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) if (isNode(item)) visit(item, see);
}
