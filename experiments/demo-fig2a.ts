import { demoFigure } from "./demo-figure.ts";
import { ieKeystoneAbsent, ieSaving } from "./figure-claims.ts";

/** IE: HELIX and DeepDive over iterations of pre-processing edits. */
export const demoFig2a = demoFigure({
  id: "demo-fig2a",
  title: "IE: cumulative run time, HELIX and DeepDive",
  part: "a",
  family: "ie",
  name: "IE",
  claims: [ieSaving, ieKeystoneAbsent],
});
