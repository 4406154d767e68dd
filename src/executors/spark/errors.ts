import { Code, ConnectError } from "@connectrpc/connect";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { ExecutorError } from "../../core/errors.ts";

/** A failure inside Spark, with what the engine says of it. */
export class SparkError extends ExecutorError {
  /** Spark's error class, for example `UNRESOLVED_COLUMN.WITH_SUGGESTION`; empty when the failure is not Spark's own. */
  readonly errorClass: string;
  readonly sqlState: string;
  readonly messageParameters: Readonly<Record<string, string>>;
  /** The server could not be reached or the stream broke: worth a retry on a remote server. */
  readonly isTransport: boolean;
  /** Under which the server keeps the chain of causes for a while; empty if it does not. */
  readonly errorId: string;
  constructor(
    message: string,
    details: {
      errorClass?: string;
      sqlState?: string;
      messageParameters?: Readonly<Record<string, string>>;
      isTransport?: boolean;
      errorId?: string;
      cause?: unknown;
    },
  ) {
    super(message, { cause: details.cause });
    this.errorClass = details.errorClass ?? "";
    this.sqlState = details.sqlState ?? "";
    this.messageParameters = details.messageParameters ?? {};
    this.isTransport = details.isTransport ?? false;
    this.errorId = details.errorId ?? "";
  }
}

/** The same error with the message that is at the bottom of its causes, if it says more. */
export function withRootCause(error: SparkError, rootMessage: string): SparkError {
  const line = rootMessage.split("\n")[0]?.trim() ?? "";
  if (line === "" || error.message.includes(line)) return error;
  const { errorClass, sqlState, messageParameters, isTransport, errorId, cause } = error;
  const details = { errorClass, sqlState, messageParameters, isTransport, errorId, cause };
  return new SparkError(`${error.message}; caused by: ${line}`, details);
}

const transportCodes = new Set([Code.Unavailable, Code.DeadlineExceeded, Code.Aborted, Code.Canceled]);

/** `google.rpc.ErrorInfo`: reason 1, domain 2, metadata map 3. */
function decodeErrorInfo(bytes: Uint8Array): Readonly<Record<string, string>> {
  const reader = new BinaryReader(bytes);
  const metadata: Record<string, string> = {};
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === 3 && wire === WireType.LengthDelimited) {
      const entry = new BinaryReader(reader.bytes());
      let key = "";
      let value = "";
      while (entry.pos < entry.len) {
        const [part, partWire] = entry.tag();
        if (part === 1) key = entry.string();
        else if (part === 2) value = entry.string();
        else entry.skip(partWire);
      }
      metadata[key] = value;
    } else if (field === 1 && wire === WireType.LengthDelimited) metadata["reason"] = reader.string();
    else reader.skip(wire);
  }
  return metadata;
}

function parseParameters(text: string | undefined): Readonly<Record<string, string>> {
  if (text === undefined) return {};
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    return {};
  }
}

/** Turns what the transport throws into a {@link SparkError} naming `what` was asked. */
export function sparkErrorOf(error: unknown, what: string): SparkError {
  if (error instanceof SparkError) return error;
  const connect = ConnectError.from(error);
  let info: Readonly<Record<string, string>> = {};
  for (const detail of connect.details) {
    if ("type" in detail && detail.type === "google.rpc.ErrorInfo" && detail.value instanceof Uint8Array)
      info = decodeErrorInfo(detail.value);
  }
  const errorClass = info["errorClass"] ?? "";
  const firstLine = connect.rawMessage.split("\n")[0] ?? "";
  const hint =
    connect.code === Code.Unauthenticated ? "; the server wants another token (sc://host:port/;token=…)" : "";
  return new SparkError(`spark: ${what}: ${firstLine}${hint}`, {
    errorClass,
    sqlState: info["sqlState"] ?? "",
    messageParameters: parseParameters(info["messageParameters"]),
    errorId: info["errorId"] ?? "",
    isTransport: errorClass === "" && transportCodes.has(connect.code),
    cause: error,
  });
}
