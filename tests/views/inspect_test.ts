// Looking into a model: views of run, model, person and attention say what is there.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { bundleOf } from "../../lib/display/mod.ts";
import { personOf, templatesOf, uniform } from "../../lib/generator/mod.ts";
import { exposuresOf } from "../../lib/readings/mod.ts";
import { answerAbout, placeOf, runFolder, type RunInput, train } from "../../lib/trainer/mod.ts";
import { attentionMaps, attentionView, modelView, personView } from "../../lib/views/mod.ts";

const INPUT: RunInput = {
  scale: "smoke",
  seed: 61,
  people: 32,
  steps: 40,
  schedule: [{ steps: 10, people: uniform(0, 4) }, { people: uniform() }],
};

/** Plotly's packed numbers. */
interface Packed {
  dtype: string;
  shape: string;
  bdata: string;
}

interface View {
  data: [{ x: string[]; z: Packed }];
  layout: {
    updatemenus: [{ active: number; buttons: { label: string; args: [{ z: [Packed] }] }[] }];
  };
}

Deno.test("an answer is what the model says to its end, right only if it is the truth to its end", () => {
  const run = train({ scale: "smoke", seed: 62, people: 32 });
  const { population, tokenizer, lists } = run.corpus;
  const attribute = lists.attributes.findIndex(({ name }) => name === "company");
  const { values, templates } = lists.attributes[attribute]!;
  const [set, person] = ["training", 5] as const;
  const truth = personOf(population, person).values.company!;
  const longer = values.find((value) =>
    value !== truth && tokenizer.encode(value).length > tokenizer.encode(truth).length
  );
  const other = longer ?? `${truth} ${values.find((value) => value !== truth)}`;
  const template = templates[templatesOf(population, person, attribute, set)[0]!]!;
  const [, after] = template.split("{value}") as [string, string];
  /** A model that says a text in place of the value, and then what is learned to follow. */
  const saying = (text: string, goesOn = after) => {
    const tokens = tokenizer.encode(`${text}${goesOn}`);
    const probabilities = tokens.map((_, i) => 1 - i / 100);
    const completion = (_: string, { maxTokens = 32 } = {}) => ({
      text: "",
      tokens: tokens.slice(0, maxTokens),
      probabilities: probabilities.slice(0, maxTokens),
    });
    const view = answerAbout({ ...run, completion }, { group: population, person, attribute, set });
    return [view.said, view.right];
  };
  assertEquals(saying(truth), [truth, true]);
  assertEquals(saying(other), [other, false]);
  const words = truth.split(" ");
  if (words.length > 1) assertEquals(saying(words[0]!), [words[0], false]);
  // The truth with more to it is not the truth.
  const more = `${truth} ${other.split(" ")[0]}`;
  assertEquals(saying(more)[1], false);
});

Deno.test("a run, its population, model, people and attention show themselves", async () => {
  const run = train(INPUT, { fresh: true });
  assertThrows(() => personView(run, 0), Error, "there is no model yet");
  assertThrows(() => attentionView(run), Error, "there is no model yet");
  for await (const _ of run);
  const [shown, people] = [await bundleOf(run), await bundleOf(run.corpus.population)];
  for (const bundle of [shown, people]) assert(String(bundle["text/html"]).startsWith("<"));
  assertStringIncludes(String(shown["text/plain"]), placeOf(runFolder(run.configuration)));
  assertStringIncludes(String(people["text/plain"]), "of 32 people");
  assert(/loss, held-out +[\d.]+ [▁-█]+ [\d.]+ nats a value/.test(String(shown["text/plain"])));

  const { name, values } = personOf(run.corpus.population, 2);
  const person = personView(run, 2).text;
  assertStringIncludes(person, name);
  for (const value of Object.values(values)) assertStringIncludes(person, value);
  // 10 steps of 8 among 4 people, then 30 steps of 8 among 32.
  assertEquals(exposuresOf(run, 2), 10 * 8 / 4 + 30 * 8 / 32);
  assertEquals(exposuresOf(run, 20), 30 * 8 / 32);
  assertStringIncludes(personView(run, 0, { of: "unseen" }).text, "never met");
  assertThrows(() => personView(run, 32), Error, "whole number from 0 to 31");

  const sum = modelView(run).text.match(/all +(\d+)/)![1];
  const parts = [...modelView(run).text.matchAll(/^(?:embedding|attention|MLP|norms).* (\d+)$/gm)];
  assertEquals(Number(sum), parts.reduce((total, [, count]) => total + Number(count), 0));

  const { data: [map], layout } = attentionView(run, 2) as unknown as View;
  const views = [map.z, ...layout.updatemenus[0].buttons.map(({ args }) => args[0].z[0])];
  const { layers, heads } = run.configuration.model;
  assertEquals(views.length, 1 + layers * heads);
  const { active, buttons } = layout.updatemenus[0];
  assertEquals(buttons[active]!.label, `layer ${layers}, head 1`);
  assertEquals(map.z, buttons[active]!.args[0].z[0]);
  assertEquals(new Set(views.map(({ bdata }) => bdata)).size, layers * heads, "heads are alike");
  const length = map.x.length;
  for (const { dtype, shape, bdata } of views) {
    assertEquals([dtype, shape], ["u1", `${length},${length}`]);
    const percents = Uint8Array.fromBase64(bdata);
    for (let query = 0; query < length; query++) {
      const row = percents.subarray(query * length, (query + 1) * length);
      assertEquals(Math.max(0, ...row.subarray(query + 1)), 0, "a word looks ahead");
      const total = row.reduce((sum, percent) => sum + percent, 0);
      assert(Math.abs(total - 100) <= 0.5 * (query + 1), String(total));
    }
  }
  run.dispose();
});

Deno.test("a run read from its record says so, and has no model until it is loaded", async () => {
  const trained = train(INPUT, { fresh: true, checkpoints: [40] });
  for await (const _ of trained);
  trained.dispose();
  const run = train(INPUT);
  for await (const _ of run);
  assertStringIncludes(String((await bundleOf(run))["text/plain"]), "read from its record");
  await run.load();
  assertStringIncludes(personView(run, 1).text, "how sure");
  run.dispose();
  await assertRejects(async () => await bundleOf(personView(run, 1)), Error, "no model yet");
});

Deno.test("maps are refused of a model that has no patterns of its own, before it is trained", async () => {
  const run: RunInput = { scale: "smoke", seed: 63, people: 16, steps: 10 };
  for (
    const [own, got] of [
      [{ ...run, model: { mixer: "recurrent" } }, "got recurrent"],
      [{ ...run, reference: { run, step: 0 } }, "got one that borrows them"],
    ] as const
  ) await assertRejects(() => attentionMaps(own, [0]), Error, got);
});
