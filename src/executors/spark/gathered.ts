import { SparkError } from "./errors.ts";
import type { ExecutePlanResponse } from "./generated/base_pb.ts";
import type { MlCommandResult } from "./generated/ml_pb.ts";

/** What one execution gave. */
export interface Executed {
  readonly batches: readonly Uint8Array[];
  readonly rowCount: number;
  /** Observed metrics by name and column. */
  readonly observed: ReadonlyMap<string, readonly (number | bigint | string | undefined)[]>;
  readonly cachedRelationId: string | undefined;
  readonly ml: MlCommandResult | undefined;
}

/** Collects the responses of one execution. Rows that do not follow the ones before end it with a {@link SparkError}. */
export class Gathered {
  readonly #batches: Uint8Array[] = [];
  readonly #observed = new Map<string, (number | bigint | string | undefined)[]>();
  #rowCount = 0;
  #cachedRelationId: string | undefined;
  #ml: MlCommandResult | undefined;

  add(response: ExecutePlanResponse): void {
    const { responseType } = response;
    if (responseType.case === "arrowBatch") {
      const { startOffset } = responseType.value;
      if (startOffset !== undefined && Number(startOffset) !== this.#rowCount)
        throw new SparkError(
          `spark: rows from ${startOffset} on came after ${this.#rowCount} rows; some were lost or came twice`,
          {},
        );
      this.#batches.push(responseType.value.data);
      this.#rowCount += Number(responseType.value.rowCount);
    } else if (responseType.case === "checkpointCommandResult")
      this.#cachedRelationId = responseType.value.relation?.relationId;
    else if (responseType.case === "mlCommandResult") this.#ml = responseType.value;
    for (const metric of response.observedMetrics) {
      this.#observed.set(
        metric.name,
        metric.values.map(({ literalType }) =>
          typeof literalType.value === "number" ||
          typeof literalType.value === "bigint" ||
          typeof literalType.value === "string"
            ? literalType.value
            : undefined,
        ),
      );
    }
  }

  result(): Executed {
    return {
      batches: this.#batches,
      rowCount: this.#rowCount,
      observed: this.#observed,
      cachedRelationId: this.#cachedRelationId,
      ml: this.#ml,
    };
  }
}
