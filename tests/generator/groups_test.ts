// Groups of similar length: which shapes there are, and how rows are put into them.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type BatchShape,
  fittingShape,
  groupedShapes,
  meanLength,
  pack,
  packBeside,
  packGroups,
  PAD,
  type Row,
  rowsIn,
  stream,
  tokensOf,
} from "../../lib/generator/mod.ts";

/** A row that predicts so many tokens, all of which are its mark. */
const row = (length: number, mark = 1): Row => ({
  tokens: Array.from({ length: length + 1 }, () => mark),
});
const lengthsOf = (shape: BatchShape) => shape.map(({ length }) => length);
const sizesOf = (shape: BatchShape) => shape.map(({ rows }) => rows);
const shape = (rows: number[], lengths: number[]): BatchShape =>
  rows.map((rows, i) => ({ rows, length: lengths[i]! }));

/** Batches of rows whose lengths are spread as those of biographies are. */
function examples(count: number, batch: number, seed = 0): Row[][] {
  const random = stream(seed, "lengths");
  const length = () =>
    70 + Array.from({ length: 9 }, () => Math.floor(5 * random())).reduce((a, b) => a + b);
  return Array.from({ length: count }, () => Array.from({ length: batch }, () => row(length())));
}

const options = { groups: 3, longest: 120 };

Deno.test("shapes depend on the examples alone, are at most eight, and the last fits everything", () => {
  const shapes = groupedShapes(examples(40, 16), options);
  assertEquals(groupedShapes(examples(40, 16), options), shapes);
  assertEquals(shapes.length, 8);
  assertEquals(lengthsOf(shapes.at(-1)!), [120, 120, 120]);
  for (const own of shapes) {
    assertEquals([own.length, rowsIn(own)], [3, 16]);
    assertEquals(sizesOf(own), sizesOf(shapes[0]!));
    assert(own.every(({ length }) => length % 4 === 0));
    assertEquals(meanLength(own), Math.ceil(tokensOf(own) / 16));
  }
  const tokens = shapes.map(tokensOf);
  assertEquals(tokens, tokens.toSorted((a, b) => a - b));
});

Deno.test("every example fits a shape other than the last", () => {
  const all = examples(40, 16);
  const shapes = groupedShapes(all, options).slice(0, -1);
  for (const rows of all) fittingShape([rows], shapes);
});

Deno.test("more groups, less padding: also of batches that were not looked at", () => {
  const padded = [1, 2, 4].map((groups) => {
    const shapes = groupedShapes(examples(64, 16), { ...options, groups });
    return examples(100, 16, 1).reduce(
      (sum, rows) => sum + tokensOf(fittingShape([rows], shapes)),
      0,
    );
  });
  assert(padded[1]! < 0.97 * padded[0]! && padded[2]! < padded[1]!, String(padded));
});

Deno.test("groups have about equally many tokens: long rows are few", () => {
  const rows = [
    ...Array.from({ length: 12 }, () => row(8)),
    ...Array.from({ length: 4 }, () => row(24)),
  ];
  const [first] = groupedShapes([rows], { groups: 2, longest: 40 });
  assertEquals(first, shape([12, 4], [8, 24]));
});

Deno.test("as many groups as rows is the most", () => {
  const rows = [row(4), row(8), row(80)];
  assertEquals(
    groupedShapes([rows], { groups: 3, longest: 80 })[0],
    shape([1, 1, 1], [4, 8, 80]),
  );
  const make = () => groupedShapes([rows], { groups: 4, longest: 80 });
  assertThrows(make, Error, "at least 4 rows to part, got 3");
  const pairs = () => groupedShapes([[...rows, row(9)]], { groups: 3, longest: 80, together: 2 });
  assertThrows(pairs, Error, "at least 3 rows to part, got 2");
});

Deno.test("rows are sorted, those of one length stay in order, and each group is padded by itself", () => {
  const rows = [row(3, 11), row(1, 12), row(3, 13), row(2, 14)];
  const { inputs, targets } = packGroups(rows, shape([2, 2], [2, 4]));
  assertEquals([...inputs], [12, PAD, 14, 14, 11, 11, 11, PAD, 13, 13, 13, PAD]);
  assertEquals(targets, inputs);
});

Deno.test("one group is packed as it comes", () => {
  const rows = [row(3, 11), row(1, 12)];
  const { inputs, targets } = packGroups(rows, shape([2], [4]));
  const expected = pack(rows, 4);
  assertEquals([inputs, targets], [expected.inputs, expected.targets]);
});

Deno.test("a pair stays together, and goes where the longer of the two fits", () => {
  const rows = [row(1, 11), row(7, 12), row(4, 13), row(3, 14), row(2, 15), row(5, 16)];
  const { inputs } = packGroups(rows, shape([4, 2], [5, 7]), 2);
  const order = [...new Set([...inputs].filter((mark) => mark !== PAD))];
  assertEquals(order, [13, 14, 15, 16, 11, 12]);
});

Deno.test("of the shapes that fit, the one with the fewest tokens is taken, wherever it stands", () => {
  const shapes = [[8, 8], [4, 8], [6, 6]].map((lengths) => shape([1, 1], lengths));
  const used = (...lengths: number[]) =>
    lengthsOf(fittingShape([lengths.map((length) => row(length))], shapes));
  assertEquals(used(8, 4), [4, 8]);
  assertEquals(used(5, 6), [6, 6]);
  assertEquals(used(7, 5), [8, 8]);
  assertThrows(() => used(9, 1), Error, "Cannot fit 9 tokens into lengths 8 + 8, 4 + 8, 6 + 6");
});

Deno.test("what rows tell of their targets stands where these do", () => {
  // Every row tells of each target the target itself.
  const rows = [7, 3, 5, 2].map((length, i): Row => {
    const tokens = Array.from({ length: length + 1 }, (_, t) => 10 * (i + 1) + t);
    return { tokens, from: 2, beside: { same: tokens.slice(2) } };
  });
  for (const own of [shape([4], [8]), shape([2, 2], [4, 8])]) {
    const { targets } = packGroups(rows, own);
    assertEquals([...packBeside(rows, own, { name: "same" })], [...targets]);
  }
});
