/**
 * Interoperability: other software must read what factlab writes. Installs its own needs into
 * a Python environment of its own, and ends with "N passed, N failed".
 *
 * @module
 */

import { batchAt, BOS, type Corpus, createCorpus, uniform } from "../lib/mod.ts";

const VENV = ".cache/interop";
const REQUIREMENTS = "tests/interop/requirements.txt";
const FOLDER = "out/interop";

async function command(program: string, ...args: string[]): Promise<void> {
  const { success, code } = await new Deno.Command(program, { args }).spawn().status;
  if (success) return;
  console.error(`Cannot test: "${program} ${args.join(" ")}" ended with exit code ${code}.`);
  console.log("0 passed, 1 failed");
  Deno.exit(1);
}

/** Texts with the ids our tokenizer gives them: biographies, questions, answers, refusals. */
function cases({ lists, tokenizer, ...corpus }: Corpus): { text: string; ids: number[] }[] {
  const biographies = batchAt({ lists, tokenizer, ...corpus }, { step: 0, batch: 200 })
    .map(({ tokens }) => tokenizer.decode(tokens));
  const questions = lists.attributes.flatMap((attribute) =>
    attribute.questions.map((question) => question.replace("{name}", "James Mary Smith"))
  );
  const answers = lists.attributes.flatMap(({ values }) =>
    values.map((value) => lists.answers[0]!.replace("{value}", value))
  );
  return [...biographies, ...questions, ...answers, ...lists.refusals]
    .map((text) => ({ text, ids: [BOS, ...tokenizer.encode(text)] }));
}

const corpus = createCorpus({
  scale: "laptop",
  seed: 0,
  people: 512,
  schedule: [{ people: uniform() }],
  order: "shuffled",
  evaluate: 32,
});
Deno.mkdirSync(FOLDER, { recursive: true });
Deno.writeTextFileSync(
  `${FOLDER}/tokenizer.json`,
  JSON.stringify(corpus.tokenizer.toHuggingFace()),
);
Deno.writeTextFileSync(`${FOLDER}/texts.json`, JSON.stringify(cases(corpus)));
await command("python3", "-m", "venv", VENV);
await command(`${VENV}/bin/python`, "-m", "pip", "install", "--quiet", "-r", REQUIREMENTS);
await command(`${VENV}/bin/python`, "tests/interop/tokenizer.py", FOLDER);
