import { UsageError } from "../../core/errors.ts";
import type { TraceHeader, TraceIteration } from "../../core/iteration.ts";

/** A recording at a small scale. */
export interface SmallRecording {
  readonly header: TraceHeader;
  readonly iterations: readonly TraceIteration[];
}

/** From which scale on a workload says something about policies rather than about an engine's constants. */
export interface SmallestScale {
  /** Both conditions hold from here on: the larger of the next two, rounded up to two digits. */
  readonly scale: number;
  /** From here on, the first version on 1 % of the rows costs at most 5 % of itself. */
  readonly fixedCostScale: number;
  /** From here on, the whole sequence without any reuse takes at least 180 s. */
  readonly sequenceScale: number;
  /** At that scale: the first version, the sequence, and one repetition of a recording without starts and warm-ups. */
  readonly initialSeconds: number;
  readonly sequenceSeconds: number;
  readonly repetitionMinutes: number;
}

const maxFixedShare = 0.05;
const minSequenceUs = 180e6;

/** Rows of the fixed cost: 1 %. */
const fewRows = 0.01;

/** A time that grows on a straight line with the scale. */
interface Line {
  readonly fixedUs: number;
  readonly usPerScale: number;
}

/**
 * Estimates from two recordings of one workload on one engine at different small scales: times grow on straight lines.
 *
 * @throws {UsageError} when they are of different workloads or engines, or of one scale, or times do not grow
 */
export function smallestScale(a: SmallRecording, b: SmallRecording): SmallestScale {
  const [small, large] = scaleOf(a) < scaleOf(b) ? [a, b] : [b, a];
  for (const field of ["workload", "executor"] as const)
    if (small.header.source?.[field] !== large.header.source?.[field])
      throw new UsageError(
        `--small: one recording is of ${field} ${String(small.header.source?.[field])}, the other of ${String(large.header.source?.[field])}; expected the same`,
      );
  if (scaleOf(small) === scaleOf(large))
    throw new UsageError(`--small: both recordings are of scale ${scaleOf(small)}; expected two scales`);
  const line = (us: (recording: SmallRecording) => number): Line => {
    const usPerScale = (us(large) - us(small)) / (scaleOf(large) - scaleOf(small));
    if (!(usPerScale > 0))
      throw new UsageError("--small: times do not grow from one recording to the other; expected larger scales");
    return { usPerScale, fixedUs: Math.max(0, us(small) - usPerScale * scaleOf(small)) };
  };
  const initial = line(initialUs);
  const sequence = line(sequenceUs);
  const repetition = line(repetitionUs);
  // fixed + slope·s/100 ≤ 5 % of (fixed + slope·s)
  const fixedCostScale = ((1 - maxFixedShare) * initial.fixedUs) / ((maxFixedShare - fewRows) * initial.usPerScale);
  const sequenceScale = Math.max(0, (minSequenceUs - sequence.fixedUs) / sequence.usPerScale);
  const scale = roundedUp(Math.max(fixedCostScale, sequenceScale));
  const at = ({ fixedUs, usPerScale }: Line): number => fixedUs + usPerScale * scale;
  return {
    scale,
    fixedCostScale,
    sequenceScale,
    initialSeconds: at(initial) / 1e6,
    sequenceSeconds: at(sequence) / 1e6,
    repetitionMinutes: at(repetition) / 6e7,
  };
}

function scaleOf({ header }: SmallRecording): number {
  const scale = header.source?.["scale"];
  if (typeof scale !== "number")
    throw new UsageError(`--small: trace "${header.name}" does not say its scale; expected a recording of this tool`);
  return scale;
}

/** Σ computeUs of the first version, equal nodes once. */
function initialUs({ iterations }: SmallRecording): number {
  const costs = new Map(iterations[0]?.nodes.map(({ signature, computeUs }) => [signature, computeUs]));
  return [...costs.values()].reduce((sum, us) => sum + us, 0);
}

/** Σ computeUs of every listed node: the sequence under `naive`, with a barrier at every node. */
function sequenceUs({ iterations }: SmallRecording): number {
  return iterations.reduce((sum, { nodes }) => sum + nodes.reduce((all, { computeUs }) => all + computeUs, 0), 0);
}

/** What one repetition measures: each distinct result computed, written and loaded twice, segments, versions as wholes. */
function repetitionUs({ iterations }: SmallRecording): number {
  const nodes = new Map(iterations.flatMap((line) => line.nodes.map((node) => [node.signature, node])));
  let us = 0;
  for (const { computeUs, writeUs = 0, loadUs = 0, loadHotUs = 0 } of nodes.values())
    us += computeUs + writeUs + loadUs + loadHotUs;
  for (const { segments = [], fusedUs = 0 } of iterations)
    us += fusedUs + segments.reduce((sum, segment) => sum + (segment.nodes.length > 1 ? segment.fusedUs : 0), 0);
  return us;
}

function roundedUp(scale: number): number {
  if (scale <= 0) return 0;
  const digits = Math.floor(Math.log10(scale)) - 1;
  const unit = Number(`1e${digits}`);
  return Number((Math.ceil(scale / unit) * unit).toPrecision(2));
}
