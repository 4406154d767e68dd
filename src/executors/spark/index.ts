/** Apache Spark over Spark Connect: entry point `reuselab/executors/spark`. */
export { parseSparkUrl, type SparkAddress } from "./address.ts";
export { SparkSession } from "./client.ts";
export { sparkCompilers } from "./compilers.ts";
export { sparkDialect } from "./dialect.ts";
export { SparkError } from "./errors.ts";
export { openSpark, type SparkExecutorOptions } from "./executor.ts";
export { findSparkJars, sparkVersion } from "./jars.ts";
export { type SparkServer, type SparkServerOptions, startSparkServer } from "./server.ts";
export { cached, parquet, sql } from "./relations.ts";
