/** The only place in the pure layers that reads a clock. */

/** A source of elapsed time. */
export interface Clock {
  /** Monotonic time in microseconds, not rounded; only differences mean anything. */
  nowUs(): number;
}

/** The machine's monotonic clock. */
export const systemClock: Clock = { nowUs: () => performance.now() * 1000 };
