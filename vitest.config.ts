import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { quickJava } from "./test/spark/quick-java.ts";

export default defineConfig({
  test: {
    // The default leaves one processor free: of two that is half of them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: process.env["CI"] === "true" ? ["default", ["json", { outputFile: "out/vitest.json" }]] : ["default"],
    projects: [
      {
        test: {
          name: "main",
          include: ["test/**/*.test.ts"],
          exclude: ["test/live/**", "test/spark/**", "test/browser/**"],
          // Against hangs only: timing never decides a test, and the machine may be busy.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "spark",
          include: ["test/spark/**/*.test.ts"],
          globalSetup: "test/spark/global-server.ts",
          // Processes of a real server on a busy machine: a test that fails twice fails.
          retry: 1,
          env: { JAVA_TOOL_OPTIONS: quickJava },
          // Against hangs only, as above; waits inside the tests end before and say what they waited for.
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      { test: { name: "live", include: ["test/live/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 300_000 } },
    ],
  },
});
