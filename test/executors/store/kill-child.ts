/** Puts, loads and deletes random results of a store until it is killed; says when each is done. Arguments: folder, budget in bytes, seed. */
import { open, readFile } from "node:fs/promises";
import { randomInt, randomPick, rngStream } from "../../../src/core/rng.ts";
import { openStore } from "../../../src/executors/store/result-store.ts";
import { keys, partContent, partsOf } from "./kill-content.ts";

const [folder = "", budget = "0", seed = "0"] = process.argv.slice(2);
const rng = rngStream(seed, "kill-child");
const store = await openStore(folder, { budgetBytes: Number(budget) });
process.stdout.write(`ready ${store.entries().length}\n`);
for (;;) {
  const key = randomPick(rng, keys);
  const action = rng();
  if (action < 0.5) {
    const parts = partsOf(key).map((name) => ({ name, write: (path: string) => writeSlowly(path, partContent(name)) }));
    await store.put(key, parts, { rows: key.length });
  } else if (action < 0.8) {
    const found = await store.get(key);
    for (const [name, path] of found?.paths ?? [])
      if (!(await readFile(path)).equals(partContent(name))) process.stdout.write(`wrong ${key} ${name}\n`);
  } else await store.delete(key);
  process.stdout.write("did\n");
}

/** In pieces, so that kills fall into the middle of files. */
async function writeSlowly(path: string, content: Buffer): Promise<void> {
  const file = await open(path, "w");
  const piece = randomInt(rng, 2_000, 40_000);
  for (let at = 0; at < content.length; at += piece) await file.write(content.subarray(at, at + piece));
  await file.close();
}
