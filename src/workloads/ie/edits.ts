import type { DecodeOp, LearnOp, ReduceOp } from "../../core/operators.ts";
import type { WorkflowVersion } from "../../core/workflow.ts";
import { editVersion, type WorkflowBuilder } from "../dsl.ts";
import type { EditType } from "../edits.ts";
import type { Handle } from "../ports.ts";
import type { EditOption } from "../sequences.ts";
import { familyNames, givenNames, honorifics, organisationCues, personCues } from "./name-lists.ts";
import { signed } from "./workflow.ts";

type Change = (w: WorkflowBuilder) => void;
type Categorical = Handle<"categorical">;

function option(id: string, changeType: EditType, variants: Readonly<Record<string, Change>>): EditOption {
  return {
    id,
    changeType,
    variants: Object.entries(variants).map(([variant, change]) => ({
      id: variant,
      apply: (version: WorkflowVersion) => editVersion(version, change),
    })),
  };
}

const around = (name: string, ...offsets: readonly number[]): string[] =>
  offsets.map((offset) => (offset === 0 ? name : `${name}${signed(offset)}`));

const affixes = (...lengths: readonly number[]): string[] => lengths.flatMap((n) => [`prefix${n}`, `suffix${n}`]);

/** Every feature of any version, in the order they stand in `examples`: undoing an edit gives the very version it was made from. */
const featureOrder = [
  "token",
  "lower",
  "shape",
  ...affixes(2, 3, 4),
  ...[1, 2, 3].flatMap((k) => [-k, k].flatMap((offset) => [`lower${signed(offset)}`, `shape${signed(offset)}`])),
  ...around("shapeShort", 0, -1, 1),
  ...around("shapePair", -1, 1),
  ...around("givenName", 0, -1, 1),
  "familyName",
  ...around("honorific", 0, -1),
  ...around("personCue", 0, -2, -1, 1, 2),
  ...around("organisationCue", 0, 1, 2),
  "isTitle",
  "hasDigit",
];

/** How each feature beyond the first version's is made. */
const makers: ReadonlyMap<string, (w: WorkflowBuilder) => Categorical> = new Map([
  ...[2, 3, 4].flatMap((length) =>
    (["prefix", "suffix"] as const).map(
      (fn) =>
        [`${fn}${length}`, (w: WorkflowBuilder) => w.text(`${fn}${length}`, need(w, "lower"), fn, { length })] as const,
    ),
  ),
  ["shapeShort", (w) => w.text("shapeShort", need(w, "token"), "shape-short")],
  ["isTitle", (w) => w.text("isTitle", need(w, "token"), "is-title")],
  ["hasDigit", (w) => w.text("hasDigit", need(w, "token"), "has-digit")],
  ["shapePair-1", (w) => w.interaction("shapePair-1", [need(w, "shapeShort-1"), need(w, "shapeShort")])],
  ["shapePair+1", (w) => w.interaction("shapePair+1", [need(w, "shapeShort"), need(w, "shapeShort+1")])],
  ...Object.entries({
    givenName: givenNames,
    familyName: familyNames,
    honorific: honorifics,
    personCue: personCues,
    organisationCue: organisationCues,
  }).map(
    ([name, words]) => [name, (w: WorkflowBuilder) => w.text(name, need(w, "token"), "gazetteer", { words })] as const,
  ),
]);

/** A feature node, made with what it reads if it is not there. */
function need(w: WorkflowBuilder, name: string): Categorical {
  if (w.has(name)) return w.get(name, "categorical");
  const make = makers.get(name);
  if (make !== undefined) return make(w);
  const [, base = "", offset = ""] = /^(\w+?)([+-]\d)$/u.exec(name) ?? [];
  return w.window(name, need(w, base), Number(offset));
}

/** Makes `on` features of `examples` and `off` none; nodes that nothing reads any more go. */
function features(w: WorkflowBuilder, on: readonly string[], off: readonly string[]): void {
  for (const name of on) need(w, name);
  const [rows = "", label = "", ...before] = w.parentsOf("examples");
  const kept = before.filter((name) => !off.includes(name));
  const all = [...new Set([...kept, ...on])].sort((a, b) => featureOrder.indexOf(a) - featureOrder.indexOf(b));
  w.rewire("examples", [rows, label, ...all]);
  removeUnread(w);
}

/** Features stand before what is made of them in no fixed order, so unread ones are looked for until none is left. */
function removeUnread(w: WorkflowBuilder): void {
  const own = featureOrder.filter((name) => name !== "token");
  for (;;) {
    const present = own.filter((name) => w.has(name));
    const read = new Set([...w.parentsOf("examples"), ...present.flatMap((name) => w.parentsOf(name))]);
    const unread = present.filter((name) => !read.has(name));
    if (unread.length === 0) return;
    w.remove(...unread);
  }
}

/** An option whose variants each have some of a group of features. */
function featureOption(id: string, variants: Readonly<Record<string, readonly string[]>>): EditOption {
  const group = [...new Set(Object.values(variants).flat())];
  return option(
    id,
    "dpr",
    Object.fromEntries(
      Object.entries(variants).map(([variant, on]) => [
        variant,
        (w: WorkflowBuilder): void =>
          features(
            w,
            on,
            group.filter((name) => !on.includes(name)),
          ),
      ]),
    ),
  );
}

const contextOf = (size: number): string[] =>
  Array.from({ length: size }, (_, k) => [`lower${signed(-k - 1)}`, `lower${signed(k + 1)}`]).flat();
const shapesOf = (size: number): string[] => contextOf(size).map((name) => name.replace("lower", "shape"));

/** Edits of data pre-processing: which features a token has. */
export const ieDprOptions: readonly EditOption[] = [
  featureOption("given-names", {
    none: [],
    "token-only": ["givenName"],
    "with-neighbours": around("givenName", 0, -1, 1),
  }),
  featureOption("honorifics", { none: [], "before-name": around("honorific", 0, -1) }),
  featureOption("family-names", { none: [], listed: ["familyName"] }),
  featureOption("person-cues", { none: [], "two-around": around("personCue", 0, -2, -1, 1, 2) }),
  featureOption("organisation-cues", { none: [], "two-ahead": around("organisationCue", 0, 1, 2) }),
  featureOption("short-shapes", {
    none: [],
    "with-neighbours": around("shapeShort", 0, -1, 1),
    pairs: [...around("shapeShort", 0, -1, 1), "shapePair-1", "shapePair+1"],
  }),
  featureOption("affixes", { three: affixes(3), "two-to-four": affixes(2, 3, 4), four: affixes(4) }),
  featureOption("context-words", { two: contextOf(2), one: contextOf(1), three: contextOf(3) }),
  featureOption("context-shapes", { two: shapesOf(2), one: shapesOf(1), none: [] }),
  featureOption("word-form", { none: [], "title-and-digit": ["isTitle", "hasDigit"] }),
];

const learn =
  (params: { readonly [K in keyof LearnOp]?: LearnOp[K] | undefined }): Change =>
  (w) =>
    w.set<LearnOp>("tagger", "learn", params);

/** Edits of learning and inference. */
export const ieLiOptions: readonly EditOption[] = [
  option("passes", "li", {
    five: learn({ maxIterations: 5 }),
    three: learn({ maxIterations: 3 }),
    ten: learn({ maxIterations: 10 }),
  }),
  option("tags", "li", { bio: learn({ encoding: undefined }), io: learn({ encoding: "io" }) }),
  option("transitions", "li", {
    chain: learn({ model: "chain-perceptron" }),
    none: learn({ model: "token-perceptron" }),
  }),
];

/** An extra reducer over the mentions that some variants have, as an output. */
function report(w: WorkflowBuilder, name: string, params?: Omit<ReduceOp, "op">): void {
  if (w.has(name)) w.remove(name);
  if (params !== undefined) w.output(w.reducer(name, w.get("mentions", "spans"), params));
}

const onEither = (id: string, name: string, metric: ReduceOp["metric"]): EditOption =>
  option(id, "ppr", {
    off: (w) => report(w, name),
    test: (w) => report(w, name, { metric, split: "test" }),
    train: (w) => report(w, name, { metric, split: "train" }),
  });
const mentionsOfType =
  (type: string): Change =>
  (w) =>
    w.set<DecodeOp>("mentions", "decode", { type });

/** Edits of post-processing. */
export const iePprOptions: readonly EditOption[] = [
  option("mention-type", "ppr", {
    persons: mentionsOfType("PER"),
    organisations: mentionsOfType("ORG"),
    places: mentionsOfType("LOC"),
  }),
  onEither("train-check", "trainCheck", "span-f1"),
  onEither("count", "count", "span-count"),
  onEither("errors", "errors", "top-errors"),
];

/** Everything users of information extraction try. */
export const ieOptions: readonly EditOption[] = [...ieDprOptions, ...ieLiOptions, ...iePprOptions];
