/**
 * Biographies that the model a run begins with writes itself, for replay where the old text is not
 * at hand: sampled once from its parameters, then kept in the run's folder.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { z } from "zod";
import { BOS, type Corpus, EOS, type Row, stream } from "../generator/mod.ts";
import { type Asking, continueAll } from "../probes/mod.ts";
import type { Engine } from "../engine/mod.ts";
import type { RunConfiguration } from "./configuration.ts";
import { placeOf, writeWhole } from "./files.ts";
import { runFolder } from "./record_store.ts";

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
  { engine, asking, corpus }: { engine: Engine; asking: Asking; corpus: Corpus },
): OwnText {
  const file = new URL("own_text.json", runFolder(configuration));
  let text = written(file);
  if (text === undefined) {
    const answerer = { engine, asking, words: corpus.tokenizer.tokens.length };
    const longest = asking.length - 2;
    const questions = Array.from({ length: COUNT }, () => ({ prompt: [BOS], longest }));
    const answers = continueAll(questions, answerer, stream(configuration.seed, "own text"));
    text = JSON.stringify(answers.map((tokens) => [BOS, ...tokens, EOS]));
    writeWhole(file, new TextEncoder().encode(text));
  }
  return {
    rows: (JSON.parse(text) as number[][]).map((tokens) => ({ tokens })),
    hash: createHash("sha256").update(text).digest("hex").slice(0, 12),
  };
}

const rows = z.array(z.array(z.int().nonnegative()).min(2)).length(COUNT);

/** Text that was written before; undefined if there is none, or none that can be read. */
function written(file: URL): string | undefined {
  try {
    const text = Deno.readTextFileSync(file);
    rows.parse(JSON.parse(text));
    return text;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    // It is a function of the model and the seed: written again, it is the same.
    console.warn(
      `Cannot read ${placeOf(file)}: it must hold ${COUNT} rows of tokens. It is made again.`,
    );
    return undefined;
  }
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
