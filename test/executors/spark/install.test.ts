import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { command } from "../../../src/cli/spark.ts";
import { installSpark } from "../../../src/executors/spark/install.ts";
import { sparkJarsFolder } from "../../../src/executors/spark/jars.ts";

let folder = "";
let env: Readonly<Record<string, string | undefined>> = {};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-install-"));
  mkdirSync(join(folder, "bin"));
  // Maven as far as an installation sees it: jars appear in the folder it is told, the last one as the file `last.jar` has it.
  const names = ["spark-sql", "spark-mllib", "spark-core"].map((name) => `"${name}_2.13-4.0.1.jar"`).join(" ");
  const lines = [
    "#!/bin/sh",
    `echo run >> "${folder}/calls"`,
    'for each in "$@"; do case "$each" in -DoutputDirectory=*) out="${each#-DoutputDirectory=}";; esac; done',
    `for name in ${names}; do cp "${folder}/whole.jar" "$out/$name"; done`,
    `cp "${folder}/last.jar" "$out/spark-connect_2.13-4.0.1.jar"`,
    `exit $(cat "${folder}/code")`,
  ];
  writeFileSync(join(folder, "bin", "mvn"), `${lines.join("\n")}\n`);
  chmodSync(join(folder, "bin", "mvn"), 0o755);
  // An empty archive is its end record alone.
  writeFileSync(join(folder, "whole.jar"), Buffer.concat([Buffer.from("PK\u0005\u0006"), Buffer.alloc(18)]));
  env = {
    PATH: `${join(folder, "bin")}${delimiter}${process.env["PATH"] ?? ""}`,
    REUSELAB_CACHE: join(folder, "cache"),
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function maven({ last, code }: { readonly last: string; readonly code: number }): void {
  writeFileSync(join(folder, "last.jar"), last === "whole" ? readFileSync(join(folder, "whole.jar")) : last);
  writeFileSync(join(folder, "code"), String(code));
}
const calls = (): number => readFileSync(join(folder, "calls"), "utf8").trim().split("\n").length;

test("an installation that was cut off or came incomplete leaves no jars behind; the next one goes on, a whole one is not repeated", async () => {
  maven({ last: "whole", code: 1 });
  await expect(installSpark(env, {})).rejects.toMatchObject({
    code: "E_EXECUTOR",
    message: expect.stringContaining("Maven ended with code 1") as string,
  });
  expect(existsSync(sparkJarsFolder(env))).toBe(false);

  maven({ last: "half of an archive", code: 0 });
  await expect(installSpark(env, {})).rejects.toThrow(/spark-connect_2\.13-4\.0\.1\.jar came incomplete/u);
  expect(existsSync(sparkJarsFolder(env))).toBe(false);

  maven({ last: "whole", code: 0 });
  expect(await installSpark(env, {})).toMatchObject({ jars: 4, bytes: 4 * 22, wasThere: false });
  const pom = readFileSync(join(sparkJarsFolder(env), "..", "pom.xml"), "utf8");
  for (const name of ["spark-sql_2.13", "spark-mllib_2.13", "spark-connect_2.13"])
    expect(pom).toMatch(
      new RegExp(
        `<artifactId>${name.replace(".", "\\.")}</artifactId><version>4\\.0\\.1<.*<artifactId>rocksdbjni<`,
        "u",
      ),
    );
  expect(await installSpark(env, {})).toMatchObject({ jars: 4, wasThere: true });
  expect(calls()).toBe(3);
});

test("a jar damaged later is noticed, and the jars are fetched again", async () => {
  maven({ last: "whole", code: 0 });
  await installSpark(env, {});
  const before = calls();
  writeFileSync(join(sparkJarsFolder(env), "spark-sql_2.13-4.0.1.jar"), "damaged");
  expect(await installSpark(env, {})).toMatchObject({ jars: 4, wasThere: false });
  expect(calls()).toBe(before + 1);
});

test("the command says the size before it downloads anything", async () => {
  const said: string[] = [];
  const code = await command.run(
    { values: { dryRun: true, format: "table" }, positionals: ["install"] },
    {
      stdout: (text) => void said.push(text),
      stderr: (text) => void said.push(text),
      stdin: (async function* (): AsyncGenerator<string> {})(),
      env: { ...env, REUSELAB_CACHE: join(folder, "untouched") },
      signal: new AbortController().signal,
      isTerminal: false,
    },
  );
  expect([code, said]).toEqual([0, [expect.stringMatching(/4\.0\.1 from Maven Central.* 256 MiB/u)]]);
  expect(existsSync(join(folder, "untouched"))).toBe(false);
});

test("without Maven: the package that has it", async () => {
  const nothing = { PATH: join(folder, "nothing"), REUSELAB_CACHE: join(folder, "other") };
  await expect(installSpark(nothing, {})).rejects.toMatchObject({
    code: "E_MISSING_EXECUTOR",
    message: expect.stringMatching(/Maven is missing.*apt-get install/u) as string,
  });
});
