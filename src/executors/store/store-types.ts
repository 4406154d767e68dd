import type { ResultMeta, StoredObject } from "./manifest.ts";

/** How a store is opened. */
export interface StoreOptions {
  /** Look only: no lock is taken, nothing is deleted, what is written later is not seen. */
  readonly readOnly?: boolean;
  /** Most bytes all objects together may occupy, at any moment; default no limit. Opening with less than is used drops the newest results. */
  readonly budgetBytes?: number;
  /** Told about dropped results; default: lines on stderr. */
  readonly onWarning?: (message: string) => void;
}

/** A file of a result to be stored: `write` makes it under the given path, `object` names content that is stored already. */
export type ResultPart =
  | { readonly name: string; readonly write: (temporaryPath: string) => Promise<void> }
  | { readonly name: string; readonly object: string };

/** Limits of one a put. */
export interface PutOptions {
  /** Most bytes the result may newly occupy; default what the store's budget leaves. */
  readonly maxBytes?: number;
}

/** What a put gave. */
export interface PutOutcome {
  /** Bytes newly occupied, or that would have been: objects that were there already count 0. */
  readonly bytes: number;
  /** False if that was too much: it was removed again, and what was stored under the key before stays. */
  readonly isStored: boolean;
  readonly writeUs: number;
}

/** A stored result without its files' paths. */
export interface StoredEntry {
  readonly signature: string;
  readonly objects: readonly StoredObject[];
  /** Bytes of its distinct objects, shared ones included. */
  readonly bytes: number;
  readonly meta: ResultMeta;
}

/** A stored result whose files were checked. */
export interface FoundResult extends StoredEntry {
  /** Paths by part name (as the store's folder was given: relative ones stay relative), in the order they were put. */
  readonly paths: ReadonlyMap<string, string>;
}
