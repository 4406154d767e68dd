/** The file format of problems and plans (`reuselab.problem` v1, DESIGN §5.1): text in, checked problem out, and back. */
import { certificateOfArcs, type Certificate, type CertificateArc } from "./certificate.ts";
import { TraceFormatError, WorkflowError } from "./errors.ts";
import { lineOf, type JsonPath } from "./json-position.ts";
import { stateNames, type ReusePlan } from "./plan.ts";
import { buildProblem, type NamedProblem, type ProblemNode } from "./problem.ts";
import { isExact } from "./units.ts";

/** A problem read from a file; `listed[k]` is the id in `problem` of the k-th node of the file. */
export interface ListedProblem extends NamedProblem {
  readonly listed: Int32Array;
}

/** Where a text comes from: the file as the user named it, and its line if it is one line of several (JSON Lines). */
export interface TextOrigin {
  readonly file: string;
  readonly line?: number;
}

/**
 * Reads one problem. Unknown fields are ignored; known ones are checked to the letter.
 *
 * O(V + E) beside `JSON.parse`.
 *
 * @throws {TraceFormatError} naming file, line and field: not JSON, wrong format or version, missing or mistyped fields, bad
 *   costs, and everything {@link buildProblem} refuses (cycles, unknown or repeated ids, sums of 2^53 or more)
 */
export function parseProblem(text: string, origin: TextOrigin): ListedProblem {
  const json = parseJson(text, origin);
  const fail = (path: JsonPath, message: string): never => {
    throw new TraceFormatError(
      { file: origin.file, line: origin.line ?? lineOf(text, path), field: fieldName(path) },
      message,
    );
  };
  const document = asObject(json) ?? fail([], `is ${kindOf(json)}; expected an object {"format":"reuselab.problem",…}`);
  if (document["format"] !== "reuselab.problem")
    fail(["format"], `is ${shown(document["format"])}; expected "reuselab.problem"`);
  if (document["version"] !== 1)
    fail(["version"], `is ${shown(document["version"])}; this release reads version 1 of reuselab.problem`);
  const rows = asArray(document["nodes"]) ?? fail(["nodes"], `is ${kindOf(document["nodes"])}; expected an array`);
  if (rows.length === 0) fail(["nodes"], "is empty; a problem has at least one node");
  const nodes = rows.map((row, k) => readNode(row, k, fail));
  const outputs =
    asArray(document["outputs"]) ?? fail(["outputs"], `is ${kindOf(document["outputs"])}; expected an array of ids`);
  for (const [k, id] of outputs.entries())
    if (typeof id !== "string") fail(["outputs", k], `is ${shown(id)}; expected the id of a node`);
  const named = build(nodes, outputs as string[], fail);
  const at = new Map(named.ids.map((id, v) => [id, v]));
  return { ...named, listed: Int32Array.from(nodes, (node) => at.get(node.id)!) };
}

type Fail = (path: JsonPath, message: string) => never;

function readNode(row: unknown, k: number, fail: Fail): ProblemNode {
  const node = asObject(row) ?? fail(["nodes", k], `is ${kindOf(row)}; expected an object with an id`);
  const { id, parents, computeUs, loadUs } = node;
  if (typeof id !== "string")
    return fail(["nodes", k, "id"], `is ${shown(id)}; expected a string, unique in the problem`);
  const ids = asArray(parents) ?? fail(["nodes", k, "parents"], `is ${kindOf(parents)}; expected an array of ids`);
  for (const [p, parent] of ids.entries())
    if (typeof parent !== "string") fail(["nodes", k, "parents", p], `is ${shown(parent)}; expected the id of a node`);
  if (!isExact(computeUs))
    return fail(
      ["nodes", k, "computeUs"],
      `is ${shown(computeUs)}; expected an integer from 0 to 2^53 − 1, in microseconds`,
    );
  if (loadUs !== null && !isExact(loadUs))
    return fail(
      ["nodes", k, "loadUs"],
      `is ${shown(loadUs)}; expected null (not stored) or an integer from 0 to 2^53 − 1, in microseconds`,
    );
  return { id, parents: ids as string[], computeUs, loadUs };
}

/** Calls {@link buildProblem} and says where in the file its complaint belongs. */
function build(nodes: readonly ProblemNode[], outputs: readonly string[], fail: Fail): NamedProblem {
  try {
    return buildProblem(nodes, outputs);
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    if (error.message.startsWith("outputs")) return fail(["outputs"], error.message.replace(/^outputs: /u, ""));
    let at = -1;
    for (const [k, node] of nodes.entries()) if (error.message.startsWith(`node "${node.id}": `)) at = k;
    return fail(at < 0 ? ["nodes"] : ["nodes", at], error.message);
  }
}

function parseJson(text: string, origin: TextOrigin): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replaceAll(/\s+/gu, " ") : String(error);
    const position = /position (\d+)/u.exec(reason);
    const before = position === null ? text.trimEnd() : text.slice(0, Number(position[1]));
    const line = origin.line ?? before.split("\n").length;
    throw new TraceFormatError(
      { file: origin.file, line },
      `is not JSON (${reason}); expected a reuselab.problem object`,
    );
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function asArray(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? (value as readonly unknown[]) : undefined;
}

function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : shown(value);
}

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  const text = typeof value === "number" ? String(value) : JSON.stringify(value); // JSON has no Infinity
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function fieldName(path: JsonPath): string | undefined {
  if (path.length === 0) return undefined;
  return path.map((key, i) => (typeof key === "number" ? `[${key}]` : i === 0 ? key : `.${key}`)).join("");
}

/**
 * One plan as JSON text without line breaks: `{"planner","costUs","states":{id: state}}`, nodes in the order of the file.
 *
 * Written by hand because any id is allowed, `__proto__` and numbers (which objects reorder) included.
 *
 * @param extra further members, already JSON text, for example `"certificate":{…}`
 */
export function planToJson(planner: string, { ids, listed }: ListedProblem, plan: ReusePlan, extra?: string): string {
  const states: string[] = [];
  for (const v of listed) states.push(`${JSON.stringify(ids[v])}:"${stateNames[plan.states[v]!]!}"`);
  const tail = extra === undefined ? "" : `,${extra}`;
  return `{"planner":${JSON.stringify(planner)},"costUs":${plan.costUs},"states":{${states.join(",")}}${tail}}`;
}

/** A plan read from a file, states by node of the problem it belongs to. */
export interface ReadPlan {
  readonly planner: string;
  readonly plan: ReusePlan;
  /** undefined if the file has none */
  readonly certificate: Certificate | undefined;
}

/**
 * Reads one plan, as {@link planToJson} writes it, against its problem. Whether plan and certificate are right is not checked
 * here: see `validatePlan` and `checkCertificate`.
 *
 * @throws {TraceFormatError} naming file, line and field: not JSON, missing or mistyped fields, states of unknown nodes or
 *   not of all nodes, arcs the network does not have
 */
export function parsePlan(text: string, origin: TextOrigin, { problem, ids }: ListedProblem): ReadPlan {
  const json = parseJson(text, origin);
  const fail = (path: JsonPath, message: string): never => {
    throw new TraceFormatError(
      { file: origin.file, line: origin.line ?? lineOf(text, path), field: fieldName(path) },
      message,
    );
  };
  const document = asObject(json) ?? fail([], `is ${kindOf(json)}; expected an object {"planner","costUs","states"}`);
  const { planner, costUs } = document;
  if (typeof planner !== "string") return fail(["planner"], `is ${shown(planner)}; expected the id of a planner`);
  if (!isExact(costUs)) return fail(["costUs"], `is ${shown(costUs)}; expected an integer from 0 to 2^53 − 1`);
  const named =
    asObject(document["states"]) ?? fail(["states"], `is ${kindOf(document["states"])}; expected an object`);
  const states = new Uint8Array(problem.nodeCount);
  for (const [v, id] of ids.entries()) {
    const name = Object.hasOwn(named, id) ? named[id] : undefined;
    const state = stateNames.findIndex((known) => known === name);
    if (state < 0) fail(["states", id], `is ${shown(name)}; expected "prune", "compute" or "load"`);
    states[v] = state;
  }
  const known = new Set(ids);
  for (const id of Object.keys(named)) if (!known.has(id)) fail(["states", id], "is no node of the problem");
  const plan: ReusePlan = { states, costUs };
  const proof = document["certificate"];
  if (proof === undefined) return { planner, plan, certificate: undefined };
  const { value, flow } = asObject(proof) ?? fail(["certificate"], `is ${kindOf(proof)}; expected an object`);
  if (!isExact(value)) return fail(["certificate", "value"], `is ${shown(value)}; expected an integer`);
  const arcs = asArray(flow) ?? fail(["certificate", "flow"], `is ${kindOf(flow)}; expected an array of arcs`);
  for (const [k, arc] of arcs.entries()) {
    const parts = asArray(arc);
    const isArc =
      parts?.length === 3 && typeof parts[0] === "string" && typeof parts[1] === "string" && isExact(parts[2]);
    if (!isArc) fail(["certificate", "flow", k], `is ${shown(arc)}; expected ["from","to",microseconds]`);
  }
  try {
    const certificate = certificateOfArcs(problem, ids, value, arcs as unknown as readonly CertificateArc[]);
    return { planner, plan, certificate };
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error;
    return fail(["certificate", "flow"], error.message.replace(/^certificate: /u, ""));
  }
}

/** One problem as JSON text without line breaks, nodes in topological order. */
export function problemToJson({ problem, ids }: NamedProblem): string {
  const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs } = problem;
  const nodes: string[] = [];
  for (let v = 0; v < n; v++) {
    const parents = [...parentIds.subarray(parentOffsets[v], parentOffsets[v + 1])].map((p) => JSON.stringify(ids[p]));
    const load = loadUs[v] === Number.POSITIVE_INFINITY ? "null" : `${loadUs[v]!}`;
    nodes.push(
      `{"id":${JSON.stringify(ids[v])},"parents":[${parents.join(",")}],"computeUs":${computeUs[v]!},"loadUs":${load}}`,
    );
  }
  const named = [...outputs].map((o) => JSON.stringify(ids[o]));
  return `{"format":"reuselab.problem","version":1,"nodes":[${nodes.join(",")}],"outputs":[${named.join(",")}]}`;
}
