/** Apache Spark over Spark Connect: server, client, installation. */
export { parquet, parseSparkUrl, cached, SparkSession, sql, type SparkAddress } from "./client.ts";
export { SparkError } from "./errors.ts";
export { findSparkJars, sparkVersion } from "./jars.ts";
export { type SparkServer, type SparkServerOptions, startSparkServer } from "./server.ts";
