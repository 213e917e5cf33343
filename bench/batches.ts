/**
 * What workers train on: full rows of tokens that hold nothing, or biographies with their padding.
 *
 * @module
 */

import { type BatchShape, fittingShape, packGroups, type Row } from "../lib/generator/mod.ts";
import { configure, corpusOf, rowsAt, stepShapes } from "../lib/trainer/mod.ts";
import { BATCHES, type Shape } from "./variants.ts";

/** Batches that a worker goes through in turn, and the shapes that it packs them into. */
export interface Batches {
  rows: Row[][];
  shapes: readonly BatchShape[];
}

/** The batches of a shape. */
export function batchesOf(shape: Shape): Batches {
  const { batch, length, lengthGroups } = shape;
  const of = (rows: (step: number) => Row[]) => Array.from({ length: BATCHES }, (_, i) => rows(i));
  if (lengthGroups === undefined) {
    return { rows: of((step) => fullRows(shape, step)), shapes: [[{ rows: batch, length }]] };
  }
  const configuration = configure({ scale: "laptop", batch, lengthGroups });
  const corpus = corpusOf(configuration);
  return {
    // Not the steps by which the shapes were chosen.
    rows: of((i) => rowsAt(configuration, corpus, { step: 1000 + i })),
    shapes: stepShapes(configuration, corpus),
  };
}

/** Tokens of a batch that are learned: all but padding. */
export function realTokens(rows: readonly Row[]): number {
  return rows.reduce((sum, { tokens }) => sum + tokens.length - 1, 0);
}

/** Writes batches for PyTorch: groups [B, T] of each, then inputs and targets of all, one by one. */
export function writeBatches({ rows, shapes }: Batches, folder: string): void {
  const packed = rows.map((own) => {
    const shape = fittingShape([own], shapes);
    return { shape, ...packGroups(own, shape) };
  });
  const groups = packed.map(({ shape }) => shape.map(({ rows, length }) => [rows, length]));
  Deno.writeTextFileSync(`${folder}/batches.json`, JSON.stringify(groups));
  const ids = Int32Array.from(packed.flatMap(({ inputs, targets }) => [...inputs, ...targets]));
  Deno.writeFileSync(`${folder}/batches.i32`, new Uint8Array(ids.buffer));
}

/** Rows of `length` tokens that are learned: never the padding token 0. */
function fullRows({ batch, length, vocabulary }: Shape, step: number): Row[] {
  let state = step * 7919 + 1;
  const token = () => {
    state = (state * 48_271) % 2_147_483_647;
    // Squared, so that some tokens are common: there is something to learn.
    return 1 + Math.floor((state / 2_147_483_647) ** 2 * (vocabulary - 1));
  };
  return Array.from(
    { length: batch },
    () => ({ tokens: Array.from({ length: length + 1 }, token) }),
  );
}
