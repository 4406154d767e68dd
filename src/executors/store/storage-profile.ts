import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../core/clock.ts";
import { dropFromPageCache } from "./page-cache.ts";

/** How stored results are read: from memory, from the device, or through a bucket of 170 MB/s (HELIX's device, emulated). */
export const storageProfiles = ["hot", "cold", "disk170"] as const;
export type StorageProfile = (typeof storageProfiles)[number];

/** Bytes a microsecond of the emulated device, both ways. */
const emulatedBytesPerUs = 170;

/** Prepares files for a read: under `cold` their pages are dropped. @returns false if that cannot be done here */
export async function prepareRead(profile: StorageProfile, paths: Iterable<string>): Promise<boolean> {
  if (profile !== "cold") return true;
  let isCold = true;
  for (const path of paths) isCold = (await dropFromPageCache(path)) && isCold;
  return isCold;
}

/**
 * Waits until a transfer of `bytes` that began at `startUs` may be over under the profile, and says how long it took, in whole
 * microseconds. The bucket fills while the engine works, as a device would read ahead.
 */
export async function endOfTransfer(profile: StorageProfile, startUs: number, bytes: number): Promise<number> {
  if (profile === "disk170") {
    const dueUs = startUs + bytes / emulatedBytesPerUs;
    for (let leftUs = dueUs - systemClock.nowUs(); leftUs > 0; leftUs = dueUs - systemClock.nowUs())
      await sleep(Math.max(1, Math.ceil(leftUs / 1000)));
  }
  return Math.round(systemClock.nowUs() - startUs);
}

/** Least time of a transfer under the profile, in microseconds. */
export function leastTransferUs(profile: StorageProfile, bytes: number): number {
  return profile === "disk170" ? Math.ceil(bytes / emulatedBytesPerUs) : 0;
}
