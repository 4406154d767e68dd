import { WorkflowError } from "../../core/errors.ts";
import type { ExtendOp } from "../../core/operators.ts";
import { type LocalColumn, type OperatorCompiler, valueOf } from "./registry.ts";

/** `extend`: the relation's columns beside the features', nothing computed. */
export const compileExtend: OperatorCompiler<ExtendOp> = (op, context) => {
  const relation = context.relation(0);
  const taken = new Set([...relation.keys, ...relation.columns].map(({ shape }) => shape.name));
  const added = op.columns.map((name, i): LocalColumn => {
    const { shape, at } = valueOf(context, i + 1);
    if (context.relation(i + 1).space !== relation.space)
      throw new WorkflowError(
        `${context.dialect.engine}: node "${context.node.id}" adds "${context.node.parents[i + 1] ?? "?"}", a column of other rows; join them first`,
      );
    if (taken.has(name))
      throw new WorkflowError(
        `${context.dialect.engine}: node "${context.node.id}" adds a column "${name}", which is there already; choose another name`,
      );
    taken.add(name);
    return { shape: { ...shape, name }, at };
  });
  return {
    kind: "relation",
    space: relation.space,
    keys: relation.keys,
    columns: [...relation.columns, ...added],
  };
};
