import { demoFigure } from "./demo-figure.ts";
import { censusBelowDeepDive, censusDeepDiveEnds, censusRatio, helixOrder, keystoneFlat } from "./figure-claims.ts";

/** Census: HELIX, KeystoneML three ways, DeepDive on its prefix, and the engine's own way without reuse. */
export const demoFig2b = demoFigure({
  id: "demo-fig2b",
  title: "Census: cumulative run time, HELIX, KeystoneML and DeepDive",
  part: "b",
  family: "census",
  name: "Census",
  claims: [censusRatio, helixOrder, keystoneFlat, censusBelowDeepDive, censusDeepDiveEnds],
});
