/** Planners, materializers, certificates and the incremental planner. */
export * from "./materialize/index.ts";
export * from "./reuse/index.ts";
export { certify } from "./reuse/certify.ts";
export { IncrementalPlanner, type PlanChange, type PlanEdit } from "./reuse/incremental-planner.ts";
export { type Certificate, checkCertificate } from "../core/certificate.ts";
