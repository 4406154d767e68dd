import { expect, test } from "vitest";
import { certify } from "../../../src/algorithms/reuse/certify.ts";
import { exact } from "../../../src/algorithms/reuse/exact.ts";
import { linearPass } from "../../../src/algorithms/reuse/linear-pass.ts";
import {
  certificateArcs,
  certificateOfArcs,
  checkCertificate,
  type Certificate,
} from "../../../src/core/certificate.ts";
import { rngStream } from "../../../src/core/rng.ts";
import { drawProblem, problemFamilyIds } from "../../../src/workloads/synthetic/families.ts";
import { formatExample, longChain, storedMiddle } from "../../support/graphs.ts";
import { randomProblem } from "../../support/random-problems.ts";

const trials = Number(process.env["EXACT_TRIALS"] ?? 3_000);

test(`${trials} tiny plans are proved by a flow of equal value`, () => {
  const rng = rngStream(1, "certify/tiny");
  for (let k = 0; k < trials; k++) {
    const problem = randomProblem(rng, { maxNodes: 9, maxCostUs: k % 3 === 0 ? 2 ** 40 : 9 });
    expect(checkCertificate(problem, exact.plan(problem, {}).costUs, certify(problem)), `problem ${k}`).toBeUndefined();
  }
});

test("plans of every family are proved; the linear pass's are not where they are dearer", () => {
  let refused = 0;
  for (const family of problemFamilyIds) {
    for (let k = 0; k < 8; k++) {
      const problem = drawProblem(family, 5, k, k % 2 === 0 ? {} : { query: "few" });
      const certificate = certify(problem);
      const optimumUs = exact.plan(problem, {}).costUs;
      expect(checkCertificate(problem, optimumUs, certificate), `${family} ${k}`).toBeUndefined();
      const linearUs = linearPass.plan(problem, {}).costUs;
      if (linearUs === optimumUs) continue;
      refused++;
      expect(checkCertificate(problem, linearUs, certificate)).toMatch(/they must be equal/u);
    }
  }
  expect(refused).toBeGreaterThan(20);
});

test("a chain of 10^6 nodes is proved", () => {
  const chain = longChain(1_000_000);
  expect(checkCertificate(chain, 2 + 999_999, certify(chain))).toBeUndefined();
});

test("the example of the problem format is proved by 3 units through b", () => {
  const { problem, ids } = formatExample();
  expect(certificateArcs(problem, ids, certify(problem))).toEqual([
    ["s", "x:b", 3],
    ["x:b", "y:b", 3],
    ["y:b", "t", 3],
  ]);
});

test("arcs survive being written and read, and arcs the network does not have are refused", () => {
  const { problem, ids } = storedMiddle();
  const certificate = certify(problem);
  const arcs = certificateArcs(problem, ids, certificate);
  expect(certificateOfArcs(problem, ids, certificate.valueUs, arcs)).toEqual(certificate);
  for (const arc of [
    ["s", "x:d", 1],
    ["x:a", "y:a", 1],
    ["y:b", "x:c", 1],
    ["y:z", "t", 1],
    ["x:b", "t", 1],
    ["y:b", "s", 1],
    ["y:b", "t", 0],
    ["y:b", "t", 0.5],
    arcs[0]!,
  ] as const)
    expect(() => certificateOfArcs(problem, ids, 14, [...arcs, arc])).toThrow(/certificate: /u);
});

test("every single change to a flow is caught", () => {
  const { problem } = storedMiddle();
  const good = certify(problem);
  expect(checkCertificate(problem, 14, good)).toBeUndefined();
  for (const key of ["sourceUs", "throughUs", "drainUs", "parentUs"] as const) {
    for (let i = 0; i < good[key].length; i++) {
      for (const by of [1, -1, 0.5, Number.NaN, 2 ** 53]) {
        const bad: Certificate = { ...good, [key]: good[key].slice() };
        bad[key][i]! += by;
        expect(checkCertificate(problem, 14, bad), `${key}[${i}] ${by}`).toBeTypeOf("string");
      }
    }
  }
  expect(checkCertificate(problem, 15, { ...good, valueUs: 15 })).toMatch(/the value says 15/u);
});

test("a chain of diamonds of 10^6 nodes with dear loads is planned and proved without recursion", () => {
  const problem = drawProblem("diamonds", 4, 0, { nodes: 1_000_000, storedShare: 0.9, loadScale: Math.exp(3) });
  expect(problem.nodeCount).toBeGreaterThanOrEqual(999_999);
  expect(checkCertificate(problem, exact.plan(problem, {}).costUs, certify(problem))).toBeUndefined();
});
