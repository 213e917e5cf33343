/**
 * Groups of similar length: the rows of a step, sorted by length and cut, each group padded to a
 * length of its own. How many rows each has is fixed, and their lengths come from a short list of
 * shapes, for an engine has a program for each.
 *
 * @module
 */

import { type Batch, pack, type Row } from "./batches.ts";

/** Rows that are padded to one length T. */
export interface LengthGroup {
  /** How many they are. */
  rows: number;
  /** Sequence length T. */
  length: number;
}

/** The groups of a step, shortest first. */
export type BatchShape = readonly LengthGroup[];

/** Shapes that a step is fitted into, at most: each is a program to compile. */
const SHAPES = 8;
/** What lengths are multiples of. */
const MULTIPLE = 4;

/** Rows of a shape. */
export function rowsIn(shape: BatchShape): number {
  return shape.reduce((sum, { rows }) => sum + rows, 0);
}

/** Mean length of a shape's rows, padding included, rounded up. */
export function meanLength(shape: BatchShape): number {
  return Math.ceil(tokensOf(shape) / rowsIn(shape));
}

/** Tokens of a shape, padding included. */
export function tokensOf(shape: BatchShape): number {
  return shape.reduce((sum, { rows, length }) => sum + rows * length, 0);
}

/**
 * Shapes for batches such as some examples, all of which have equally many rows: in each equally
 * many rows a group, so that groups have about equally many tokens, and lengths of its own, in
 * multiples of 4. There are at most eight, fewest tokens first; the last fits any batch whose rows
 * have at most `longest` tokens to predict.
 *
 * Each example would like a shape of its own; the two whose union adds the fewest tokens, counted
 * over the examples, are united until few enough are left.
 *
 * @example
 * ```ts
 * import { groupedShapes } from "factlab/generator";
 * const row = (tokens: number) => ({ tokens: Array.from({ length: tokens }, () => 1) });
 * const examples = [[row(9), row(17), row(8), row(15)], [row(5), row(17), row(7), row(16)]];
 * console.log(groupedShapes(examples, { groups: 2, longest: 20 })[0]); // 2 x 8 and 2 x 16
 * ```
 *
 * @throws {Error} if there are fewer rows, `together` of which stay side by side, than groups.
 */
export function groupedShapes(
  examples: readonly (readonly Row[])[],
  { groups, longest, together = 1 }: { groups: number; longest: number; together?: number },
): BatchShape[] {
  const sorted = examples.map((rows) => blocksOf(rows, together).map(({ longest }) => longest));
  const ends = cuts(sorted, groups);
  const rowsOf = ends.map((end, i) => (end - (ends[i - 1] ?? 0)) * together);
  const up = (length: number) => Math.ceil(length / MULTIPLE) * MULTIPLE;
  const shaped = (lengths: number[]): BatchShape =>
    lengths.map((length, i) => ({ rows: rowsOf[i]!, length }));
  const wanted = sorted.map((lengths) => shaped(ends.map((end) => up(lengths[end - 1]!))));
  const whole = shaped(ends.map(() => up(longest)));
  return [...united(wanted, SHAPES - 1), whole].sort((a, b) => tokensOf(a) - tokensOf(b));
}

/**
 * The shape, of some, that fits each of some batches with the fewest tokens.
 *
 * @throws {Error} if none fits.
 */
export function fittingShape(
  batches: readonly (readonly Row[])[],
  shapes: readonly BatchShape[],
  together = 1,
): BatchShape {
  const all = batches.map((rows) => sortedRows(rows, shapes[0]!, together));
  const fits = (rows: readonly Row[], shape: BatchShape) =>
    parted(rows, shape).every((own, i) => longestOf(own) <= shape[i]!.length);
  const [best] = shapes
    .filter((shape) => all.every((rows) => fits(rows, shape)))
    .sort((a, b) => tokensOf(a) - tokensOf(b));
  if (best) return best;
  const lengths = shapes.map((shape) => shape.map(({ length }) => length).join(" + "));
  const longest = Math.max(...batches.map(longestOf));
  throw new Error(`Cannot fit ${longest} tokens into lengths ${lengths.join(", ")}.`);
}

/**
 * A batch in a shape that fits it: the groups, each [B, T], one after the other. Rows are sorted by
 * length, `together` of them staying side by side, by the longest of these; rows of one group keep
 * their order.
 */
export function packGroups(
  rows: readonly Row[],
  shape: BatchShape,
  together = 1,
): Omit<Batch, "length"> {
  const packed = parted(sortedRows(rows, shape, together), shape)
    .map((own, i) => pack(own, shape[i]!.length));
  const joined = (name: "inputs" | "targets") => {
    const all = new Int32Array(tokensOf(shape));
    let end = 0;
    for (const own of packed) {
      all.set(own[name], end);
      end += own[name].length;
    }
    return all;
  };
  return { inputs: joined("inputs"), targets: joined("targets") };
}

/** What rows tell of their targets by a name, at the places of these; 0 elsewhere. */
export function packBeside(
  rows: readonly Row[],
  shape: BatchShape,
  { name, together = 1 }: { name: string; together?: number },
): Float32Array {
  const all = new Float32Array(tokensOf(shape));
  let begin = 0;
  parted(sortedRows(rows, shape, together), shape).forEach((own, i) => {
    const { length, rows } = shape[i]!;
    own.forEach(({ from = 1, beside }, row) =>
      all.set(beside![name]!, begin + row * length + from - 1)
    );
    begin += rows * length;
  });
  return all;
}

/** Rows as a shape takes them: sorted by length where it has several groups. */
function sortedRows(rows: readonly Row[], shape: BatchShape, together: number): readonly Row[] {
  return shape.length === 1 ? rows : blocksOf(rows, together).flatMap(({ rows }) => rows);
}

/** Rows by group. */
function parted(all: readonly Row[], shape: BatchShape): (readonly Row[])[] {
  let end = 0;
  return shape.map(({ rows }) => all.slice(end, end += rows));
}

/** Tokens that the longest row predicts. */
function longestOf(rows: readonly Row[]): number {
  return Math.max(...rows.map(({ tokens }) => tokens.length)) - 1;
}

/** Rows that stay side by side, with the tokens that the longest predicts. */
interface Block {
  rows: readonly Row[];
  longest: number;
}

/** The blocks of a batch, shortest first; those of one length as they came. */
function blocksOf(rows: readonly Row[], together: number): Block[] {
  return Array.from({ length: rows.length / together }, (_, i) => {
    const own = rows.slice(i * together, (i + 1) * together);
    return { rows: own, longest: longestOf(own) };
  }).sort((a, b) => a.longest - b.longest);
}

/**
 * Where sorted blocks are cut, so that the largest of the groups, each padded to its longest, has as
 * few tokens as can be in the mean.
 */
function cuts(sorted: readonly (readonly number[])[], groups: number): number[] {
  const blocks = sorted[0]!.length;
  if (groups > blocks) {
    throw new Error(
      `Cannot group: there must be at least ${groups} rows to part, got ${blocks}. ` +
        "Use fewer groups or a larger batch.",
    );
  }
  const lengths = sorted[0]!.map((_, k) => sorted.reduce((sum, own) => sum + own[k]!, 0));
  // For the first 1, 2, … blocks: the best cuts into so many groups.
  let best = lengths.map((length, k) => ({ largest: (k + 1) * length, ends: [k + 1] }));
  for (let group = 2; group <= groups; group++) {
    best = lengths.map((length, k) => {
      let found = { largest: Infinity, ends: [] as number[] };
      best.slice(0, k).forEach((before, j) => {
        const largest = Math.max(before.largest, (k - j) * length);
        if (largest < found.largest) found = { largest, ends: [...before.ends, k + 1] };
      });
      return found;
    });
  }
  return best.at(-1)!.ends;
}

/** At most so many shapes, into one of which each of the given fits. */
function united(wanted: readonly BatchShape[], count: number): BatchShape[] {
  const union = (a: BatchShape, b: BatchShape): BatchShape =>
    a.map(({ rows, length }, i) => ({ rows, length: Math.max(length, b[i]!.length) }));
  const uses = new Map<string, { shape: BatchShape; steps: number }>();
  for (const shape of wanted) {
    const key = shape.map(({ length }) => length).join();
    uses.set(key, { shape, steps: (uses.get(key)?.steps ?? 0) + 1 });
  }
  let left = [...uses.values()];
  while (left.length > count) {
    let best = { added: Infinity, pair: left.slice(0, 2) };
    left.forEach((a, i) => {
      for (const b of left.slice(0, i)) {
        const all = tokensOf(union(a.shape, b.shape));
        const added = a.steps * (all - tokensOf(a.shape)) + b.steps * (all - tokensOf(b.shape));
        if (added < best.added) best = { added, pair: [a, b] };
      }
    });
    const [a, b] = best.pair as [typeof left[number], typeof left[number]];
    const both = { shape: union(a.shape, b.shape), steps: a.steps + b.steps };
    left = [...left.filter((own) => own !== a && own !== b), both];
  }
  return left.map(({ shape }) => shape);
}
