/**
 * Biographies that the model a run begins with writes itself, for replay where the old text is not
 * at hand: sampled once from its parameters, then kept in the run's folder.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { BOS, type Corpus, EOS, type Row, stream } from "../generator/mod.ts";
import { continueAll } from "../probes/mod.ts";
import type { Engine } from "../tensorflow/mod.ts";
import type { RunConfiguration } from "./configuration.ts";
import { writeWhole } from "./files.ts";
import { runFolder } from "./record_store.ts";
import type { RunProgram } from "./step.ts";

/** Biographies that are written. */
const COUNT = 256;

/** Text a model wrote, with a hash that its run's record tells. */
export interface OwnText {
  rows: Row[];
  hash: string;
}

/**
 * The text of a run: read from its folder, or written by the engine, which must hold the
 * parameters that the run begins with.
 */
export function ownText(
  configuration: RunConfiguration,
  { engine, program, corpus }: { engine: Engine; program: RunProgram; corpus: Corpus },
): OwnText {
  const file = new URL("own_text.json", runFolder(configuration));
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch {
    const { length } = program.attention;
    const answerer = { engine, length, words: corpus.tokenizer.tokens.length, name: "write" };
    const questions = Array.from({ length: COUNT }, () => ({ prompt: [BOS], longest: length - 2 }));
    const written = continueAll(questions, answerer, stream(configuration.seed, "own text"));
    text = JSON.stringify(written.map((tokens) => [BOS, ...tokens, EOS]));
    writeWhole(file, new TextEncoder().encode(text));
  }
  return {
    rows: (JSON.parse(text) as number[][]).map((tokens) => ({ tokens })),
    hash: createHash("sha256").update(text).digest("hex").slice(0, 12),
  };
}

/** A step's rows with a share of them replaced by own text; a pure function of the step. */
export function withOwnText(
  rows: readonly Row[],
  own: OwnText,
  { seed, step, share }: { seed: number; step: number; share: number },
): Row[] {
  const random = stream(seed, "own text", step);
  return rows.map((row) => {
    const [isOwn, which] = [random() < share, Math.floor(random() * own.rows.length)];
    return isOwn ? own.rows[which]! : row;
  });
}
