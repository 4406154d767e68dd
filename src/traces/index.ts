/** The trace format: reading, writing, statistics and calibration. */
export { calibrate } from "./calibrate.ts";
export { hashTrace, loadTrace, readTrace, type TraceReader } from "./read.ts";
export { intermediateBytesOf, traceStatistics, type TraceStatistics } from "./statistics.ts";
export { writeTrace } from "./write.ts";
