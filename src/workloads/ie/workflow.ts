import type { LearnOp, SourceOp } from "../../core/operators.ts";
import type { WorkflowVersion } from "../../core/workflow.ts";
import { workflow } from "../dsl.ts";

/** What may be chosen about the first version. */
export interface IeOptions {
  /** Sequence model, default the averaged structured perceptron. */
  readonly model?: Extract<LearnOp["model"], "chain-perceptron" | "chain-crf" | "token-perceptron">;
  /** Documents whose index modulo five is this are for testing, default 0. */
  readonly testFold?: number;
}

/** Share of the documents held out for testing: one in five. */
export const foldsInAll = 5;

/**
 * Information extraction: mentions of persons in text, as structured prediction. Documents → sentences → tokens; a token's
 * features are its word, shape and affixes and the words and shapes up to two tokens away; all four kinds of names are tagged,
 * persons are evaluated by exact match.
 */
export function ieWorkflow(
  source: SourceOp,
  { model = "chain-perceptron", testFold = 0 }: IeOptions = {},
): WorkflowVersion {
  return workflow((w) => {
    const articles = w.source("articles", source);
    const documents = w.scan("documents", articles, {
      format: "documents",
      columns: [{ name: "text", type: "text" }],
      holdOut: { every: foldsInAll, at: testFold },
    });
    const sentences = w.explode("sentences", documents, "sentences");
    const tokens = w.explode("tokens", sentences, "tokens");
    const tag = w.field("tag", tokens, "tag", "categorical");
    const token = w.field("token", tokens, "token", "categorical");

    const lower = w.text("lower", token, "lower");
    const shape = w.text("shape", token, "shape");
    const prefix3 = w.text("prefix3", lower, "prefix", { length: 3 });
    const suffix3 = w.text("suffix3", lower, "suffix", { length: 3 });
    const context = [-1, 1, -2, 2].flatMap((offset) => [
      w.window(`lower${signed(offset)}`, lower, offset),
      w.window(`shape${signed(offset)}`, shape, offset),
    ]);

    const examples = w.assemble("examples", tokens, [token, lower, shape, prefix3, suffix3, ...context], {
      label: tag,
      positive: "",
    });
    const tagger = w.learner("tagger", examples, { model, ...(model === "chain-crf" ? {} : { maxIterations: 5 }) });
    const predictions = w.predictions("predictions", tagger, examples);
    const mentions = w.decode("mentions", predictions, "PER");
    w.output(w.reducer("checked", mentions, { metric: "span-f1", split: "test" }));
  });
}

/** `+1`, `-2`. */
export function signed(offset: number): string {
  return offset > 0 ? `+${offset}` : String(offset);
}
