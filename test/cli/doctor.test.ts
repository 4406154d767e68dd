import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Effects } from "../../src/cli/command.ts";
import { command } from "../../src/cli/doctor.ts";

async function doctor(env: Effects["env"], format: string): Promise<{ code: number; stdout: string }> {
  let stdout = "";
  const code = await command.run(
    { values: { format }, positionals: [] },
    {
      stdout: (text) => void (stdout += text),
      stderr: () => {},
      stdin: (async function* (): AsyncGenerator<string> {})(),
      env,
      signal: new AbortController().signal,
      isTerminal: false,
    },
  );
  return { code, stdout };
}

test("doctor names what is missing, what that takes away and how to get it; it can still run", async () => {
  const cache = mkdtempSync(join(tmpdir(), "doctor-"));
  try {
    const { code, stdout } = await doctor({ PATH: cache, REUSELAB_CACHE: cache }, "json");
    const findings = JSON.parse(stdout) as { check: string; status: string; found: string; remedy: string }[];
    const byCheck = new Map(findings.map((finding) => [finding.check, finding]));
    expect(code).toBe(0);
    expect(findings.map(({ check }) => check)).toEqual([
      "node",
      "duckdb",
      "charts",
      "java",
      "maven",
      "spark",
      "disk",
      "cold reads",
      "memory",
    ]);
    for (const check of ["node", "duckdb", "charts"])
      expect(byCheck.get(check)).toMatchObject({ status: "ok", remedy: "" });
    for (const [check, remedy] of [
      ["java", /Java 17/u],
      ["maven", /apt-get install maven/u],
      ["spark", /reuselab spark install/u],
    ] as const) {
      expect(byCheck.get(check)?.status).toBe("missing");
      expect(byCheck.get(check)?.remedy).toMatch(remedy);
    }
    expect(byCheck.get("spark")?.remedy).toMatch(/256 MiB.*SPARK_HOME.*sc:/u);
    const other = await doctor({ PATH: cache, REUSELAB_CACHE: cache, SPARK_HOME: cache }, "json");
    expect(other.stdout).toMatch(/"check":"spark","status":"missing".*unset it and: reuselab spark install/u);
    expect((await doctor({ PATH: cache, REUSELAB_CACHE: cache }, "table")).stdout).toMatch(
      /^java +missing +not found +no local Spark/mu,
    );
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
});

test("doctor takes an old Java for none, and names the one that is needed", async () => {
  const cache = mkdtempSync(join(tmpdir(), "doctor-"));
  try {
    mkdirSync(join(cache, "bin"));
    const java = join(cache, "bin", "java");
    for (const [version, status] of [
      ["11.0.2", "missing"],
      ["1.8.0_412", "missing"],
      ["17.0.15", "ok"],
      ["21", "ok"],
    ] as const) {
      writeFileSync(java, `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`, { mode: 0o755 });
      const { stdout } = await doctor({ PATH: process.env["PATH"], JAVA_HOME: cache, REUSELAB_CACHE: cache }, "json");
      const findings = JSON.parse(stdout) as { check: string; status: string; found: string; remedy: string }[];
      const found = findings.find(({ check }) => check === "java");
      expect(found).toMatchObject({ status, found: `openjdk version "${version}"` });
      expect(found?.remedy).toMatch(status === "ok" ? /^$/u : /Java 17.*apt-get install/u);
    }
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
});

test("doctor says when data cannot be kept anywhere", async () => {
  const { stdout } = await doctor({ REUSELAB_CACHE: "/dev/null/cache" }, "json");
  expect(stdout).toMatch(/"check":"disk","status":"missing".*REUSELAB_CACHE/u);
});
