import type { TransferCosts } from "../relational/engine.ts";

/** Of Spark's parquet files on a local disk: mostly the cost of a job. */
export const sparkTransferCosts: TransferCosts = { load: [150_000, 0.01, 0.004], write: [200_000, 0.02, 0.008] };
