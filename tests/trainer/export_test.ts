// Exported models: half as large in float16, read back as they were, asked without training.

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  exportModel,
  importModel,
  knowledgeOf,
  openModel,
  OUT,
  RECIPE,
  type RunInput,
  train,
} from "../../lib/trainer/mod.ts";

const INPUT: RunInput = {
  scale: "smoke",
  seed: 9650,
  people: 16,
  steps: 300,
  precision: "fp32",
  optimizer: { lr: 5e-3 },
};

const folderOf = (path: string) => new URL(`file://${path}/`);
const size = (folder: URL) => Deno.statSync(new URL("model.safetensors", folder)).size;

Deno.test("a model in float16 is half as large, and answers as its run does", async () => {
  const run = train(INPUT, { fresh: true });
  for await (const _ of run);
  const [exact, half] = [folderOf(Deno.makeTempDirSync()), folderOf(Deno.makeTempDirSync())];
  await exportModel(run, exact);
  await exportModel(run, half, { precision: "float16" });
  assert(size(half) < 0.52 * size(exact), `${size(half)} of ${size(exact)}`);

  const [whole, rounded] = [importModel(exact), importModel(half)];
  const state = run.engine!.read(Object.keys(whole.parameters));
  assertEquals(whole.parameters, state);
  for (const [name, values] of Object.entries(rounded.parameters)) {
    assert(values instanceof Float32Array);
    // Eleven bits, and below 2^-14 steps of 2^-24.
    values.forEach((value, i) =>
      assertAlmostEquals(value, state[name]![i]!, Math.abs(state[name]![i]!) * 2 ** -11 + 2 ** -25)
    );
  }
  assertEquals(rounded.about, { hash: run.hash, step: 300, essence: { ...INPUT, recipe: RECIPE } });

  const card = Deno.readTextFileSync(new URL("README.md", half));
  const { loss, accuracy } = run.measurements.at(-1)!.sets["held-out"];
  assertStringIncludes(card, `| held-out | ${loss.toFixed(3)} | ${accuracy.toFixed(3)} |`);
  for (const part of [run.hash, "license: mit", '"seed": 9650', "stored in float16"]) {
    assertStringIncludes(card, part);
  }

  const model = await openModel(half);
  const [own, other] = [run, model].map((one) => knowledgeOf(one)["held-out"]!);
  assertAlmostEquals(other!.loss, own!.loss, 0.01 * own!.loss);
  assertEquals(model.answer(0).map(({ said }) => said), run.answer(0).map(({ said }) => said));
  assertEquals(model.measurements.length, 0);
  model.dispose();
  run.dispose();
});

Deno.test("a run that was read finds its model among the exported ones", async () => {
  const input = { ...INPUT, seed: 9651, steps: 20 };
  const run = train(input, { fresh: true });
  for await (const _ of run);
  await exportModel(run, new URL(`models/${run.hash}/`, OUT), { precision: "float16" });
  const text = run.complete("James", { maxTokens: 3 });
  run.dispose();
  const folder = new URL(`runs/${run.hash}/`, OUT);
  for (const { name } of Deno.readDirSync(folder)) {
    if (name.startsWith("checkpoint")) Deno.removeSync(new URL(name, folder));
  }
  const read = train(input);
  await read.load();
  assertEquals([read.source, read.complete("James", { maxTokens: 3 })], ["record", text]);
  read.dispose();
});

Deno.test("a model of another run, or of nobody knows which, is refused", async () => {
  const run = train({ ...INPUT, seed: 9652, steps: 2 }, { fresh: true });
  for await (const _ of run);
  const folder = folderOf(Deno.makeTempDirSync());
  await exportModel(run, folder);
  run.dispose();
  const other = train({ ...INPUT, seed: 9653, steps: 2 });
  await assertRejects(() => other.load(folder), Error, `it must be of run ${other.hash}`);
  const file = new URL("model.safetensors", folder);
  const bytes = Deno.readFileSync(file);
  // The name of the note, in the header: the file stays whole.
  const at = new TextDecoder("latin1").decode(bytes).indexOf('"factlab"');
  bytes.set(new TextEncoder().encode('"another"'), at);
  Deno.writeFileSync(file, bytes);
  await assertRejects(() => openModel(folder), Error, "must say of which run it is, got none");
});

Deno.test("a model that is not all in its parameters is refused before anything is written", async () => {
  const start = { run: INPUT, step: 0 };
  const patched = train({ ...INPUT, seed: 9650, reference: start });
  const folder = folderOf("/nowhere/at/all");
  await assertRejects(() => exportModel(patched, folder), Error, "reference must be null");
  const tuned: RunInput = { ...INPUT, start, steps: 5 };
  const shifted = train({
    ...tuned,
    start: { run: tuned, step: 5 },
    tuning: { undo: "mean shift" },
  });
  await assertRejects(() => exportModel(shifted, folder), Error, 'must not be "mean shift"');
});

Deno.test("a folder is one without its last slash, too, and what is beside it stays", async () => {
  const parent = folderOf(Deno.makeTempDirSync());
  Deno.writeTextFileSync(new URL("README.md", parent), "mine");
  const run = train({ ...INPUT, seed: 9654, steps: 2 }, { fresh: true });
  for await (const _ of run);
  const folder = new URL("model", parent);
  await exportModel(run, folder);
  run.dispose();
  assertEquals(Deno.readTextFileSync(new URL("README.md", parent)), "mine");
  assertEquals([...Deno.readDirSync(parent)].map(({ name }) => name).sort(), [
    "README.md",
    "model",
  ]);
  const model = await openModel(folder);
  assertEquals([model.hash, model.step], [run.hash, 2]);
  model.dispose();
});

Deno.test("a model says the step that it is of: stopped between measurements, loaded, or opened", async () => {
  const input = { ...INPUT, seed: 9655, steps: 40 };
  const controller = new AbortController();
  const run = train(input, { fresh: true, signal: controller.signal });
  assertEquals(run.step, undefined);
  run.onStep = ({ step }) => step >= 23 && controller.abort();
  for await (const _ of run);
  const folder = folderOf(Deno.makeTempDirSync());
  await exportModel(run, folder);
  const stopped = run.step!;
  assert(stopped >= 23 && stopped < 40, String(stopped));
  assertEquals(importModel(folder).about!.step, stopped);
  const card = () => Deno.readTextFileSync(new URL("README.md", folder));
  assertStringIncludes(card(), `step ${stopped} of 40`);
  assert(!card().includes("| held-out |"));
  run.dispose();

  for await (const _ of train(input));
  const read = train(input);
  await read.load();
  await exportModel(read, folder);
  assertEquals([read.step, importModel(folder).about!.step], [40, 40]);
  assertStringIncludes(card(), "| held-out |");
  read.dispose();
  const opened = await openModel(folder);
  await exportModel(opened, folder);
  assertEquals(importModel(folder).about!.step, 40);
  opened.dispose();
});

Deno.test("a model that is exported over another is not taken for whole until it is", async () => {
  const run = train({ ...INPUT, seed: 9656, steps: 2 }, { fresh: true });
  for await (const _ of run);
  const folder = folderOf(Deno.makeTempDirSync());
  await exportModel(run, folder);
  // In the way of one of the files: the export fails in the middle.
  Deno.removeSync(new URL("tokenizer.json", folder));
  Deno.mkdirSync(new URL("tokenizer.json", folder));
  await assertRejects(() => exportModel(run, folder), Error, "tokenizer.json");
  assertEquals(
    [...Deno.readDirSync(folder)].some(({ name }) => name === "model.safetensors"),
    false,
  );
  run.dispose();
});
