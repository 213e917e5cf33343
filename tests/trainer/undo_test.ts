// Tuning taken back: the top direction of a change, the mean shift of the logits.

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { stream } from "../../lib/generator/mod.ts";
import { normal } from "../../lib/generator/random.ts";
import { configure, needs, type RunInput, train } from "../../lib/trainer/mod.ts";
import { topDirection, withoutTopDirection } from "../../lib/trainer/undo.ts";

/** A matrix with known singular values: sum of size x left x right over orthogonal directions. */
function matrixOf(sizes: number[], rows: number, columns: number): Float32Array {
  const matrix = new Float32Array(rows * columns);
  sizes.forEach((size, k) => {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        // Cosines of a discrete transform are orthogonal.
        const left = Math.cos(Math.PI * (i + 0.5) * (k + 1) / rows) * Math.sqrt(2 / rows);
        const right = Math.cos(Math.PI * (j + 0.5) * (k + 1) / columns) * Math.sqrt(2 / columns);
        matrix[i * columns + j]! += size * left * right;
      }
    }
  });
  return matrix;
}

Deno.test("the top direction of a matrix is its largest singular value's", () => {
  const { left, right, size } = topDirection(matrixOf([5, 2, 1], 12, 20), 12, 20);
  assertAlmostEquals(size, 5, 1e-5);
  for (const vector of [left, right]) {
    assertAlmostEquals(vector.reduce((sum, value) => sum + value * value, 0), 1, 1e-9);
  }
  assertEquals(topDirection(new Float32Array(6), 2, 3).size, 0);
});

Deno.test("taken back, a change has lost its largest singular value, and vectors are left alone", () => {
  const [rows, columns] = [12, 20];
  const old = { w: normal(rows * columns, stream(0, "old")), norm: Float32Array.of(1, 2) };
  const change = matrixOf([5, 2, 1], rows, columns);
  const now = { w: old.w.map((value, i) => value + change[i]!), norm: Float32Array.of(3, 4) };
  const left = withoutTopDirection(now, old, { w: [rows, columns], norm: [2] });
  const rest = left.w!.map((value, i) => value - old.w[i]!);
  assertAlmostEquals(topDirection(rest, rows, columns).size, 2, 1e-4);
  assertEquals(left.norm, now.norm);
});

const base: RunInput = { scale: "smoke", steps: 6, precision: "fp32", seed: 43 };
const tuned: RunInput = { ...base, steps: 12, start: { run: base, step: 6 } };
const undone = (undo: "top direction" | "mean shift"): RunInput => ({
  ...tuned,
  start: { run: tuned, step: 12 },
  tuning: { undo },
});

Deno.test("a run that undoes needs what the tuning began with", () => {
  const steps = needs(configure(undone("mean shift"))).map(({ step }) => step);
  assertEquals(steps, [12, 6]);
  assertThrows(
    () => configure({ ...tuned, tuning: { undo: "mean shift" } }),
    Error,
    "start.run.start must name what the tuning began with",
  );
});

Deno.test("both ways change what a tuned model says, without a step", async () => {
  const losses: number[] = [];
  for (
    const [input, checkpoints] of [
      [base, [6]],
      [tuned, [12]],
      [undone("top direction"), []],
      [undone("mean shift"), []],
    ] as [RunInput, number[]][]
  ) {
    const run = train(input, { fresh: true, checkpoints });
    for await (const _ of run);
    if (input.tuning) assertEquals(run.measurements.length, 1);
    losses.push(run.measurements.at(-1)!.sets["held-out"].loss);
    run.dispose();
  }
  const [, now, ...taken] = losses;
  for (const loss of taken) assert(Number.isFinite(loss) && loss !== now);
});
