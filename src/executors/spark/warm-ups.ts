/**
 * Runs of a warm-up after which the times of a fresh server no longer fall, as the JVM compiles meanwhile: the same few rows took
 * 15.3, 8.6, 6.2, 6.3, 6.0, 7.1 s (first version of Census, each node by itself, 488 rows, two cores).
 */
export const sparkWarmUps = 3;
