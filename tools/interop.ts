/**
 * Interoperability: other software must read what factlab writes, and factlab what it writes
 * back. Installs its own needs into a Python environment of its own, and ends with
 * "N passed, N failed".
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import {
  batchAt,
  BOS,
  type Corpus,
  corpusOf,
  exportModel,
  importModel,
  pack,
  type Parameters,
  parameterShapes,
  type Run,
  tf,
  train,
} from "../lib/mod.ts";
import { forward } from "../lib/model/mod.ts";
import { checkpointFile, checkpointSteps } from "../lib/trainer/checkpoint.ts";
import { filled, stream } from "../lib/generator/mod.ts";
import { hostileText } from "../tests/durability/hostile_text.ts";
import { runFolder } from "../lib/trainer/record_store.ts";
import { decodeSafetensors, encodeSafetensors } from "../lib/trainer/safetensors.ts";
import { commandLine } from "./command_line.ts";
import { fetchPlugin } from "./plugin.ts";
import { pythonEnvironment } from "./python.ts";

commandLine({
  usage: `deno task test:interop

Other software reads what factlab writes, and factlab what it writes back. Needs network.`,
});

const VENV = ".cache/interop";
const REQUIREMENTS = "tests/interop/requirements.txt";
const ROOT = new URL("../", import.meta.url);
const FOLDER = new URL("out/interop/", ROOT);

/** Runs a program and hands back what it printed, which is printed as well. */
async function command(program: string, ...args: string[]): Promise<string> {
  const { stdout, code } = await new Deno.Command(program, { args, stderr: "inherit" }).output();
  Deno.stdout.writeSync(stdout);
  const text = new TextDecoder().decode(stdout);
  if (code === 0 || / passed, \d+ failed/.test(text)) return text;
  console.error(`Cannot test: "${program} ${args.join(" ")}" ended with exit code ${code}.`);
  console.log("0 passed, 1 failed");
  Deno.exit(1);
}

/** Texts with the ids our tokenizer gives them: biographies, questions, answers, refusals. */
function cases({ lists, tokenizer, ...corpus }: Corpus): { text: string; ids: number[] }[] {
  const biographies = batchAt({ lists, tokenizer, ...corpus }, { step: 0, batch: 200 })
    .map(({ tokens }) => tokenizer.decode(tokens));
  const questions = lists.attributes.flatMap((attribute) =>
    attribute.questions.map((question) => filled(question, { name: "James Mary Smith" }))
  );
  const answers = lists.attributes.flatMap(({ values }) =>
    values.map((value) => filled(lists.answers[0]!, { value }))
  );
  return [...biographies, ...questions, ...answers, ...lists.refusals]
    .map((text) => ({ text, ids: [BOS, ...tokenizer.encode(text)] }));
}

/** Texts that are odd in words and spaces, with their ids, or null where ours refuses them. */
function oddCases({ tokenizer }: Corpus): { text: string; ids: number[] | null }[] {
  const random = stream(0, "odd texts");
  return Array.from({ length: 5000 }, () => {
    const text = hostileText(tokenizer, random);
    try {
      return { text, ids: tokenizer.encode(text) };
    } catch {
      return { text, ids: null };
    }
  });
}

/** Logits of 64 biographies, computed eagerly in float32. */
function logitsOf(run: Run, parameters: Parameters): Uint8Array {
  const { corpus, configuration } = run;
  const length = corpus.writer.length.max;
  const tokens = pack(batchAt(corpus, { step: 7, batch: 64 }), length).inputs;
  const logits = tf.tidy(() => {
    const { state } = shapesOf(run, parameters);
    return forward(configuration.model, state, tf.tensor(tokens, [64, length], "int32"))
      .dataSync<"float32">().slice();
  });
  const shape = [64, length];
  return encodeSafetensors({
    tensors: {
      tokens: { dtype: "I32", shape, data: tokens },
      logits: { dtype: "F32", shape: [...shape, corpus.tokenizer.vocabularySize], data: logits },
    },
    metadata: {},
  });
}

function shapesOf({ configuration, corpus }: Run, parameters: Parameters) {
  const shapes = parameterShapes(configuration.model, corpus.tokenizer.vocabularySize);
  const state = Object.fromEntries(
    Object.entries(shapes).map((
      [name, shape],
    ) => [name, tf.tensor(parameters[name]!, shape as number[])]),
  );
  return { state, names: Object.keys(shapes) };
}

/** Sentences cut off before the value, and how our model goes on. */
function completions(run: Run): { prompt: string; completion: string }[] {
  const { tokenizer } = run.corpus;
  return batchAt(run.corpus, { step: 9, batch: 10 }).map(({ tokens, spans }) => {
    const { start } = spans.find(({ kind }) => kind === "value")!;
    const prompt = tokenizer.decode(tokens.slice(0, start));
    return { prompt, completion: run.complete(prompt, { maxTokens: 8 }) };
  });
}

/** Where each head of each layer looks on a text: [H, T, T] a layer. */
function patternsOf(run: Run, text: string): Uint8Array {
  const cache = run.cache(text);
  const layers = Array.from({ length: run.configuration.model.layers }, (_, layer) => {
    const { shape, values } = cache.at("pattern", layer);
    return [`layer ${layer}`, { dtype: "F32" as const, shape, data: values }] as const;
  });
  return encodeSafetensors({ tensors: Object.fromEntries(layers), metadata: {} });
}

const results: [string, boolean][] = [];

const python = await pythonEnvironment(VENV, REQUIREMENTS);
await Deno.remove(FOLDER, { recursive: true }).catch(() => {});
Deno.mkdirSync(FOLDER, { recursive: true });
const write = (name: string, content: string | Uint8Array) =>
  Deno.writeFileSync(
    new URL(name, FOLDER),
    typeof content === "string" ? new TextEncoder().encode(content) : content,
  );

// On a device, for the files are the same wherever a model was trained; everything is computed once
// more on TensorFlow, and in Python.
Deno.env.set("FACTLAB_PJRT", await fetchPlugin());
const run = train({
  people: 256,
  batch: 16,
  steps: 80,
  precision: "fp32",
  evaluation: { people: 32, measurements: 6, attention: 0 },
}, { device: "gpu", fresh: true, tensorboard: new URL("events/", FOLDER) });
for await (const _ of run);
await exportModel(run, new URL("model/", FOLDER));
const { parameters } = importModel(new URL("model/", FOLDER));
write("logits.safetensors", logitsOf(run, parameters));
const asked = completions(run);
write("completions.json", JSON.stringify(asked));
write("patterns.safetensors", patternsOf(run, asked[0]!.prompt));
write("texts.json", JSON.stringify(cases(run.corpus)));
write("odd_texts.json", JSON.stringify(oddCases(run.corpus)));
const pieces = corpusOf({ ...run.configuration, subwords: 1024 });
write("subwords.json", JSON.stringify(pieces.tokenizer.toHuggingFace()));
write("subword_texts.json", JSON.stringify(cases(pieces)));
const folder = runFolder(run.configuration);
const [last] = checkpointSteps(folder);
const file = checkpointFile(folder, last!);
Deno.copyFileSync(file, new URL(file.pathname.split("/").at(-1)!, FOLDER));
Deno.copyFileSync(new URL("record.jsonl", folder), new URL("record.jsonl", FOLDER));

const printed = await command(python, "-E", "tests/interop/check.py", fileURLToPath(FOLDER));
const [, passed, failed] = /(\d+) passed, (\d+) failed/.exec(printed)!;

const back = importModel(new URL("back/", FOLDER));
results.push([
  "a model that transformers saved is read back as it was",
  Object.entries(parameters).every(([name, values]) =>
    values.every((value, i) => Object.is(value, back.parameters[name]![i]))
  ),
]);
const fromPython = decodeSafetensors(Deno.readFileSync(new URL("python.safetensors", FOLDER)));
results.push([
  "a safetensors file from Python is read",
  fromPython.metadata.from === "Python" && fromPython.tensors.number!.data[0] === 7 &&
  String(fromPython.tensors.none!.shape) === "0,3" && String(fromPython.tensors.matrix!.data) ===
    "0,1,2,3,4,5",
]);
for (const [name, ok] of results) console.log(`${ok ? "ok  " : "FAIL"} ${name}`);
const wrong = results.filter(([, ok]) => !ok).length;
console.log(`${Number(passed) + results.length - wrong} passed, ${Number(failed) + wrong} failed`);
run.dispose();
Deno.exit(Number(failed) + wrong > 0 ? 1 : 0);
