/**
 * Proof that a plan is optimal: a feasible flow of equal value on the compact network of the problem. Every plan costs at
 * least the value of every feasible flow, so a plan and a flow that meet prove each other.
 *
 * The compact network: `s → x_r` unlimited for outputs r, `x_v → y_v` up to l(v), `y_v → t` up to c(v), `y_v → x_p` unlimited
 * for parents p; a node that is not stored has x and y in one.
 */
import { WorkflowError } from "./errors.ts";
import type { ReuseProblem } from "./problem.ts";
import { isExact, maxExact } from "./units.ts";

/** A flow on the compact network, in microseconds like the costs it shares out. */
export interface Certificate {
  readonly valueUs: number;
  /** Shape (n): s → entry of the node; zero but for outputs. */
  readonly sourceUs: Float64Array;
  /** Shape (n): x → y of the node; zero for nodes that are not stored. */
  readonly throughUs: Float64Array;
  /** Shape (n): y of the node → t. */
  readonly drainUs: Float64Array;
  /** Shape (m), parallel to `parentIds`: y of the node → entry of that parent. */
  readonly parentUs: Float64Array;
}

/**
 * Checks a certificate against a problem and the cost it should prove, trusting neither planner nor certificate: whole
 * non-negative numbers, capacities, conservation at every node, value = what leaves the source = what reaches the sink = cost.
 * O(V + E).
 *
 * @returns undefined if it proves that `costUs` is optimal, else what is wrong, naming the node by `nameOf`
 */
export function checkCertificate(
  problem: ReuseProblem,
  costUs: number,
  certificate: Certificate,
  nameOf: (node: number) => string = (node) => `${node}`,
): string | undefined {
  const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs } = problem;
  const { valueUs, sourceUs, throughUs, drainUs, parentUs } = certificate;
  if (sourceUs.length !== n || throughUs.length !== n || drainUs.length !== n || parentUs.length !== parentOffsets[n])
    return "the flow has not one entry per arc of the network";
  for (const flows of [sourceUs, throughUs, drainUs, parentUs])
    for (const us of flows) if (!isExact(us)) return `a flow is ${String(us)}; flows are integers from 0 to 2^53 − 1`;
  if (valueUs !== costUs) return `the flow's value is ${valueUs}, the plan costs ${costUs}; they must be equal`;

  const entersUs = sourceUs.slice();
  const isOutput = new Uint8Array(n);
  for (const o of outputs) isOutput[o] = 1;
  let leftUs = 0;
  let arrivedUs = 0;
  for (let v = 0; v < n; v++) {
    if (sourceUs[v]! > 0 && isOutput[v] === 0) return `node "${nameOf(v)}" gets flow from the source but is no output`;
    if (drainUs[v]! > computeUs[v]!)
      return `node "${nameOf(v)}" drains ${drainUs[v]}; its compute cost ${computeUs[v]} is the most it can`;
    if (loadUs[v] === Number.POSITIVE_INFINITY ? throughUs[v]! > 0 : throughUs[v]! > loadUs[v]!)
      return `node "${nameOf(v)}" passes ${throughUs[v]}; its load cost ${loadUs[v]} is the most it can`;
    leftUs += sourceUs[v]!;
    arrivedUs += drainUs[v]!;
    for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) {
      entersUs[parentIds[e]!]! += parentUs[e]!;
      if (entersUs[parentIds[e]!]! > maxExact) return `node "${nameOf(parentIds[e]!)}" gets 2^53 or more`;
    }
  }
  for (let v = 0; v < n; v++) {
    const stored = loadUs[v] !== Number.POSITIVE_INFINITY;
    if (stored && throughUs[v] !== entersUs[v])
      return `node "${nameOf(v)}" gets ${entersUs[v]} at x but passes ${throughUs[v]} to y`;
    let leavesUs = drainUs[v]!;
    for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) leavesUs += parentUs[e]!;
    if (leavesUs !== entersUs[v]) return `node "${nameOf(v)}" gets ${entersUs[v]} at y but lets out ${leavesUs}`;
  }
  if (leftUs !== valueUs || arrivedUs !== valueUs)
    return `${leftUs} leaves the source and ${arrivedUs} reaches the sink; the value says ${valueUs}`;
  return undefined;
}

/** Arcs as files name them: `["s","x:b",3]`; non-zero ones only, in the order source, loads, drains and parents by node. */
export type CertificateArc = readonly [from: string, to: string, us: number];

/** Name of the place where a node's consumers enter. */
function entryName(problem: ReuseProblem, ids: readonly string[], v: number): string {
  return problem.loadUs[v] === Number.POSITIVE_INFINITY ? `y:${ids[v]}` : `x:${ids[v]}`;
}

/** Lists the non-zero arcs of a certificate. O(V + E). */
export function certificateArcs(
  problem: ReuseProblem,
  ids: readonly string[],
  certificate: Certificate,
): readonly CertificateArc[] {
  const { nodeCount: n, parentOffsets, parentIds } = problem;
  const arcs: CertificateArc[] = [];
  for (let v = 0; v < n; v++) {
    const entry = entryName(problem, ids, v);
    const y = `y:${ids[v]}`;
    if (certificate.sourceUs[v]! > 0) arcs.push(["s", entry, certificate.sourceUs[v]!]);
    if (certificate.throughUs[v]! > 0) arcs.push([entry, y, certificate.throughUs[v]!]);
    if (certificate.drainUs[v]! > 0) arcs.push([y, "t", certificate.drainUs[v]!]);
    for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++)
      if (certificate.parentUs[e]! > 0)
        arcs.push([y, entryName(problem, ids, parentIds[e]!), certificate.parentUs[e]!]);
  }
  return arcs;
}

/** The member `"certificate":{…}` of a plan's JSON, without line breaks. */
export function certificateToJson(problem: ReuseProblem, ids: readonly string[], certificate: Certificate): string {
  return `"certificate":${JSON.stringify({ value: certificate.valueUs, flow: certificateArcs(problem, ids, certificate) })}`;
}

/**
 * Reads the arcs of a file back. O(V + E).
 *
 * @throws {WorkflowError} on an arc the network does not have, or one listed twice
 */
export function certificateOfArcs(
  problem: ReuseProblem,
  ids: readonly string[],
  valueUs: number,
  arcs: readonly CertificateArc[],
): Certificate {
  const { nodeCount: n, parentOffsets, parentIds } = problem;
  const certificate: Certificate = {
    valueUs,
    sourceUs: new Float64Array(n),
    throughUs: new Float64Array(n),
    drainUs: new Float64Array(n),
    parentUs: new Float64Array(parentIds.length),
  };
  const at = new Map(ids.map((id, v) => [id, v]));
  const put = (flows: Float64Array, i: number, arc: CertificateArc): void => {
    if (i < 0) throw new WorkflowError(`certificate: ${JSON.stringify(arc)} is no arc of the compact network`);
    if (flows[i] !== 0) throw new WorkflowError(`certificate: ${JSON.stringify(arc)} is listed twice`);
    flows[i] = arc[2];
  };
  for (const arc of arcs) {
    const [from, to, us] = arc;
    if (!isExact(us) || us === 0)
      throw new WorkflowError(`certificate: ${JSON.stringify(arc)}: expected a positive integer below 2^53`);
    const tail = at.get(from.slice(2));
    const head = at.get(to.slice(2));
    const isEntry = head !== undefined && to === entryName(problem, ids, head);
    if (from === "s") put(certificate.sourceUs, isEntry ? head : -1, arc);
    else if (tail === undefined) put(certificate.drainUs, -1, arc);
    else if (from.startsWith("x:"))
      put(certificate.throughUs, to === `y:${ids[tail]}` && entryName(problem, ids, tail) === from ? tail : -1, arc);
    else if (to === "t") put(certificate.drainUs, from.startsWith("y:") ? tail : -1, arc);
    else {
      let e = -1;
      if (isEntry && from.startsWith("y:"))
        for (let f = parentOffsets[tail]!; f < parentOffsets[tail + 1]!; f++) if (parentIds[f] === head) e = f;
      put(certificate.parentUs, e, arc);
    }
  }
  return certificate;
}
