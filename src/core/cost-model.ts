import { maxExact } from "./units.ts";

/** Load or write time as a + b·sizeBytes + d·memoryBytes, in microseconds. */
export interface LinearCost {
  readonly baseUs: number;
  readonly usPerByte: number;
  readonly usPerMemoryByte: number;
}

/** How an engine and storage profile turn bytes into time. */
export interface StorageCostModel {
  readonly id: string;
  loadUs(sizeBytes: number, memoryBytes: number): number;
  writeUs(sizeBytes: number, memoryBytes: number): number;
}

const helixPaperUs = (sizeBytes: number): number => 1000 + Math.ceil(sizeBytes / 170);

/** Profile `helix-paper`: 170 MB/s both ways and 1 ms of latency (Xin et al., VLDB 2019, set-up); load = write. */
export const helixPaperModel: StorageCostModel = { id: "helix-paper", loadUs: helixPaperUs, writeUs: helixPaperUs };

/** A model from fitted coefficients; results are rounded up to whole microseconds and never negative. */
export function linearModel(id: string, load: LinearCost, write: LinearCost): StorageCostModel {
  const price = (cost: LinearCost, sizeBytes: number, memoryBytes: number): number =>
    Math.min(
      maxExact,
      Math.max(0, Math.ceil(cost.baseUs + cost.usPerByte * sizeBytes + cost.usPerMemoryByte * memoryBytes)),
    );
  return {
    id,
    loadUs: (sizeBytes, memoryBytes) => price(load, sizeBytes, memoryBytes),
    writeUs: (sizeBytes, memoryBytes) => price(write, sizeBytes, memoryBytes),
  };
}
