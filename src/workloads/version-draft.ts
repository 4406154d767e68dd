import { WorkflowError } from "../core/errors.ts";
import type { NodeKind } from "../core/iteration.ts";
import { type Operator, operatorTraits } from "../core/operators.ts";
import { operatorKey } from "../core/signature.ts";
import { inTopologicalOrder, type WorkflowNode, type WorkflowVersion } from "../core/workflow.ts";
import { checkParameters } from "./operator-parameters.ts";
import { type Handle, outputPort, type Port } from "./ports.ts";

/** What every node may say of itself. */
export interface NodeOptions {
  /** Phase of the workflow; default: what its operator type says. */
  readonly kind?: NodeKind;
  /** Set for a result that differs from run to run. */
  readonly deterministic?: false;
}

/** A workflow version being written or edited, whatever its operators: nodes by name, wiring and outputs. */
export class VersionDraft {
  readonly #nodes = new Map<string, WorkflowNode>();
  #outputs: string[];

  /** Starts from a version, or from nothing. */
  constructor(from: WorkflowVersion = { nodes: [], outputs: [] }) {
    for (const node of from.nodes) this.#nodes.set(node.name, node);
    this.#outputs = [...from.outputs];
  }

  /** Declares what the user wants to see; added to the outputs so far. */
  output(...nodes: readonly Handle[]): void {
    for (const { name } of nodes) if (!this.#outputs.includes(name)) this.#outputs.push(name);
  }

  /** True if the version has a node of that name. */
  has(name: string): boolean {
    return this.#nodes.has(name);
  }

  /** Handle to a node that is already there. @throws {WorkflowError} if it is not, or yields something else */
  get<P extends Port>(name: string, port: P): Handle<P> {
    const actual = this.#portOf(name);
    if (actual !== port) throw new WorkflowError(`workflow: node "${name}" yields ${actual}; expected ${port}`);
    return { name, port };
  }

  /** Changes some parameters of a node's operator; setting one to undefined removes it. */
  set<O extends Operator>(name: string, op: O["op"], params: { readonly [K in keyof O]?: O[K] | undefined }): void {
    const node = this.#node(name);
    if (node.operator.op !== op)
      throw new WorkflowError(
        `workflow: node "${name}" is a ${node.operator.op}; expected a ${op} to set parameters of`,
      );
    const fields = Object.entries({ ...node.operator, ...params }).filter(([, value]) => value !== undefined);
    this.#replace({ ...node, operator: Object.fromEntries(fields) as unknown as Operator });
  }

  /** Names of a node's parents, in the operator's order. */
  parentsOf(name: string): readonly string[] {
    return this.#node(name).parents;
  }

  /** Gives a node other parents, by name, in the operator's order; an extractor nothing reads any more is sliced away. */
  rewire(name: string, parents: readonly string[]): void {
    this.#replace({ ...this.#node(name), parents: [...parents] });
  }

  /** Removes nodes, outputs included. @throws {WorkflowError} at the end if something still reads one of them */
  remove(...names: readonly string[]): void {
    for (const name of names) this.#nodes.delete(this.#node(name).name);
    this.#outputs = this.#outputs.filter((output) => !names.includes(output));
  }

  /** Renames a node everywhere; recomputes nothing. */
  rename(from: string, to: string): void {
    const node = this.#node(from);
    if (this.has(to)) throw new WorkflowError(`workflow: cannot rename "${from}" to "${to}"; that name is taken`);
    const nodes = [...this.#nodes.values()];
    this.#nodes.clear();
    const swap = (name: string): string => (name === from ? to : name);
    for (const other of nodes) {
      const renamed = other === node ? { ...node, name: to } : other;
      const reads = other.parents.includes(from) ? { ...renamed, parents: renamed.parents.map(swap) } : renamed;
      this.#nodes.set(reads.name, reads);
    }
    this.#outputs = this.#outputs.map(swap);
  }

  /** The version, nodes parents first. @throws {WorkflowError} for dangling parents, cycles, misfits or no output */
  build(): WorkflowVersion {
    const nodes = inTopologicalOrder([...this.#nodes.values()]);
    const handles = new Map<string, Handle>();
    for (const { name, operator, parents } of nodes) {
      const above = parents.map((parent) => handles.get(parent) as Handle);
      handles.set(name, { name, port: outputPort(name, operator, above) });
      checkParameters(name, operator, parents);
    }
    if (this.#outputs.length === 0)
      throw new WorkflowError("workflow: declares no output; expected at least one; call output(node)");
    for (const output of this.#outputs) this.#node(output);
    return { nodes, outputs: [...this.#outputs] };
  }

  /** Adds a node. @throws {WorkflowError} if its name is empty or taken, or its parents do not fit */
  protected add<P extends Port>(
    name: string,
    operator: Operator,
    parents: readonly Handle[],
    port: P,
    { kind = operatorTraits[operator.op].kind, deterministic }: NodeOptions = {},
  ): Handle<P> {
    if (name === "") throw new WorkflowError(`workflow: a ${operator.op} has an empty name; give it one`);
    if (this.has(name))
      throw new WorkflowError(`workflow: two nodes are named "${name}"; names must be unique; rename one`);
    outputPort(name, operator, parents);
    const base = { name, operator, parents: parents.map((parent) => parent.name), kind };
    this.#nodes.set(name, deterministic === false ? { ...base, deterministic } : base);
    return { name, port };
  }

  #replace(node: WorkflowNode): void {
    const old = this.#node(node.name);
    const isSame =
      operatorKey(old.operator) === operatorKey(node.operator) &&
      old.parents.length === node.parents.length &&
      old.parents.every((parent, i) => parent === node.parents[i]);
    if (!isSame) this.#nodes.set(node.name, node);
  }

  #node(name: string): WorkflowNode {
    const node = this.#nodes.get(name);
    if (node === undefined)
      throw new WorkflowError(
        `workflow: there is no node "${name}"; expected one of ${[...this.#nodes.keys()].join(", ")}`,
      );
    return node;
  }

  #portOf(name: string): Port {
    const { operator, parents } = this.#node(name);
    return outputPort(
      name,
      operator,
      parents.map((parent) => ({ name: parent, port: this.#portOf(parent) })),
    );
  }
}
