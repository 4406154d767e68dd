import type { TransferCosts } from "../relational/engine.ts";

/** Of DuckDB's parquet files on a local disk. */
export const duckDbTransferCosts: TransferCosts = { load: [2000, 0.004, 0.0012], write: [4000, 0.01, 0.003] };
