/** One file of a data set. */
export interface DatasetFile {
  readonly name: string;
  /** Part of the data it is, for example `train`; becomes the column `split`. */
  readonly split: string;
  /** Source it belongs to, where a data set has several; default the data set's id. */
  readonly source?: string;
}

/** Lazily made content of one file. */
export interface FileContent {
  readonly name: string;
  readonly chunks: Iterable<string>;
}

/** A file to download, with what must arrive. */
export interface RemoteFile {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** A file as it was read from disk, checked. */
export interface CheckedFile extends DatasetFile {
  readonly text: string;
  readonly rows: number;
}

/**
 * A data set that workloads read: how to generate it, check files of it, enlarge them, and where the original is.
 * Registering one is one file in this folder and one line in `index.ts`.
 */
export interface Dataset {
  /** Kebab-case; workloads name it as their `dataset`, and their source carries this name. */
  readonly id: string;
  readonly title: string;
  /** The files of a real copy and of a generated one, by the same names. */
  readonly files: readonly DatasetFile[];
  /** Raised whenever the same seed gives other content: cached copies of another version are not used. */
  readonly generatorVersion: number;
  /** Scale of the few rows an engine is warmed up on; default 0.05. */
  readonly warmUpScale?: number;
  /** Rows, all files together, that `generate` makes at a scale. */
  rowsAt(scale: number): number;
  /** Made anew from a seed; the same on every machine. One entry for each of `files`. */
  generate(options: { readonly scale: number; readonly seed: number }): readonly FileContent[];
  /**
   * Checks the text of a file and counts its rows.
   * @param file path or name, for messages
   * @throws {DataFormatError} naming file, line and field
   */
  check(file: string, text: string): { readonly rows: number };
  /** Ways to enlarge or thin out real files by id; the first one is the default. */
  readonly arms: Readonly<Record<string, (file: CheckedFile, options: ArmOptions) => ScaledFile>>;
  /** The original, if it may be downloaded. */
  readonly remote?: {
    readonly title: string;
    readonly licence: string;
    /** Ends with a slash. */
    readonly baseUrl: string;
    /** Environment variable that replaces `baseUrl`. */
    readonly baseUrlVariable: string;
    readonly files: readonly RemoteFile[];
  };
}

/** A real file made larger or smaller. */
export interface ScaledFile {
  readonly rows: number;
  readonly chunks: Iterable<string>;
}

/** How real files are scaled. */
export interface ArmOptions {
  /** Positive; 1 is the file as it is. */
  readonly scale: number;
  readonly seed: number;
}
