import { WorkflowError } from "../../core/errors.ts";
import type { SelectOp } from "../../core/operators.ts";
import type { OperatorCompiler } from "./registry.ts";
import type { ModelPayload } from "./shape.ts";

/** `select`: the model with the largest AUC on its held-out rows; the first of equal ones. */
export const compileSelect: OperatorCompiler<SelectOp> = (_op, context) => {
  let best: { readonly payload: ModelPayload; readonly auc: number } | undefined;
  for (const i of context.parents.keys()) {
    const payload = context.model(i);
    const auc = payload.model["validationAuc"];
    if (typeof auc !== "number")
      throw new WorkflowError(
        `${context.dialect.engine}: node "${context.node.id}" compares "${context.node.parents[i] ?? "?"}", a ${payload.model.model} without a validation AUC; expected a tree model that held rows of both labels out; set its "holdOutEvery"`,
      );
    if (best === undefined || auc > best.auc) best = { payload, auc };
  }
  if (best === undefined)
    throw new WorkflowError(`${context.dialect.engine}: node "${context.node.id}" has no model to select from`);
  return best.payload;
};
