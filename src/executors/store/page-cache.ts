import { execFile } from "node:child_process";

/**
 * Asks the operating system to forget a file's pages, so that the next read comes from the device. Only pages already
 * on the device go: sync first. Needs GNU `dd` (Linux).
 *
 * @returns false where that cannot be done; reads are then from memory and must be called `hot`
 */
export function dropFromPageCache(path: string): Promise<boolean> {
  if (process.platform !== "linux") return Promise.resolve(false);
  return new Promise((resolve) => {
    execFile("dd", [`if=${path}`, "iflag=nocache", "count=0", "status=none"], (error) => resolve(error === null));
  });
}
