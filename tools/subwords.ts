/**
 * Learns the merges of data/subwords.json from biographies of the paper's scale, by Hugging Face
 * `tokenizers`: the same file every time. Runs that have subwords are named by what it holds.
 *
 * @module
 */

import { batchAt, createCorpus, uniform } from "../lib/mod.ts";
import { SUBWORDS } from "../lib/generator/mod.ts";
import { command } from "./command.ts";
import { commandLine } from "./command_line.ts";
import { pythonEnvironment } from "./python.ts";

commandLine({ usage: "deno task subwords\n\nWrites data/subwords.json. Needs network." });

/** People of the paper's scale, and biographies of people drawn from them. */
const PEOPLE = 16_000;

const corpus = createCorpus({
  scale: "paper",
  seed: 0,
  people: PEOPLE,
  schedule: [{ people: uniform() }],
  order: "shuffled",
  evaluate: 1,
});
const { tokenizer } = corpus;
const text = batchAt(corpus, { step: 0, batch: PEOPLE })
  .map(({ tokens }) => tokenizer.decode(tokens));
// Every letter and mark is a token, also of what none of these biographies says.
const alphabet = new Set(tokenizer.tokens.filter((token) => !token.startsWith("<")).join(""));
const folder = "out/subwords";
Deno.mkdirSync(folder, { recursive: true });
Deno.writeTextFileSync(`${folder}/rules.json`, JSON.stringify(tokenizer.toHuggingFace()));
Deno.writeTextFileSync(`${folder}/text.txt`, text.join("\n"));
const python = await pythonEnvironment(".cache/interop", "tests/interop/requirements.txt");
await command(python, [
  ...["-E", "tools/learn_subwords.py", `${folder}/rules.json`, `${folder}/text.txt`],
  ...[[...alphabet].sort().join(""), String(SUBWORDS.most), "data/subwords.json"],
], { show: true });
