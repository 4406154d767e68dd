import { ExecutorError } from "../../core/errors.ts";

/** Where a server is. */
export interface SparkAddress {
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  /** TLS; plain text otherwise. */
  readonly isSecure?: boolean;
  /** Started by someone else, perhaps elsewhere: broken streams are taken up again, unanswered calls repeated. */
  readonly isRemote?: boolean;
}

/** Parses the address of a server that was started elsewhere, `sc://host[:port][/;token=…;use_ssl=true]`. @throws {ExecutorError} on anything else */
export function parseSparkUrl(url: string): SparkAddress {
  const match = /^sc:\/\/([^:/;]+)(?::(\d+))?(?:\/(?:;(.*))?)?$/u.exec(url);
  if (match === null) throw new ExecutorError(`spark: address "${url}" is not of the form sc://host:port`);
  const settings = new Map(
    (match[3] ?? "")
      .split(";")
      .map((pair): [string, string] => [pair.split("=")[0] ?? "", pair.slice(pair.indexOf("=") + 1)]),
  );
  const token = settings.get("token");
  return {
    host: match[1] ?? "",
    port: Number(match[2] ?? 15002),
    isSecure: settings.get("use_ssl") === "true",
    isRemote: true,
    ...(token === undefined ? {} : { token: decodeURIComponent(token) }),
  };
}
