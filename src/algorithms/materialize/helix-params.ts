import { z } from "zod";

/** Parameters of the HELIX rules. */
export interface HelixParams {
  /** Loads that a result must save to be stored: 2 pays for one write and one later read. */
  readonly factor: number;
}

/** Schema of {@link HelixParams} with a default factor. */
export function helixParams(factor: number): z.ZodType<HelixParams> {
  return z.object({
    factor: z.number().min(0).default(factor).describe("stored when recreation cost > factor × load cost"),
  });
}
