// Prompts continued side by side with a cache: token by token what the whole text gives without one.

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { BOS, EOS, PAD, stream } from "../../lib/generator/mod.ts";
import {
  canSample,
  type Continuation,
  type Forward,
  forwardOf,
  initialParameters,
  type ModelConfiguration,
  MODELS,
  type Parameters,
  parameterShapes,
  samplerOf,
} from "../../lib/model/mod.ts";
import {
  compile,
  eager,
  type Engine,
  openTensorFlow,
  type Program,
  type Tensor,
  tf,
  xla,
} from "../../lib/engine/mod.ts";
import { openTestDevice } from "../engine/device.ts";

await openTensorFlow();
await openTestDevice();

const V = 64;
const WORDS = 40;
const SIZE = { prompts: 4, prompt: 6, added: 7, words: WORDS };
const PROMPTS = [[BOS, 5, 9, 7, 11, 12], [BOS, 8], [BOS, 30, 31], [BOS, 6, 6, 6], [BOS]];

/** Parameters large enough for answers that differ; the end mark is likely. */
function parametersOf(model: ModelConfiguration, seed: number): Parameters {
  const start = initialParameters(model, V, seed);
  return Object.fromEntries(
    Object.entries(start).map(([name, values]) => [
      name,
      values.map((value) => name.includes("norm") ? value : 6 * value),
    ]),
  );
}

/** Log probabilities [WORDS] of what follows some tokens, of the whole text and without a cache. */
function uncached(forward: Forward, parameters: Parameters, model: ModelConfiguration) {
  const shapes = parameterShapes(model, V);
  return (tokens: readonly number[]): number[] =>
    tf.tidy(() => {
      const state = Object.fromEntries(
        Object.entries(parameters).map(([name, values]) => [
          name,
          tf.tensor(values, shapes[name] as number[]) as Tensor,
        ]),
      );
      const text = tf.tensor([...tokens], [1, tokens.length], "int32");
      const rows = tf.tensor1d([tokens.length - 1], "int32");
      const logits = [...forward(state, text, { rows }).dataSync()].slice(0, WORDS);
      logits[PAD] = -Infinity;
      const total = Math.log(logits.reduce((sum, own) => sum + Math.exp(own), 0));
      return logits.map((own) => own - total);
    });
}

const ENGINES: Record<string, (program: Program) => Engine> = {
  "op by op": (program) => eager(program),
  TensorFlow: (program) => compile(program, { branches: () => 2 }),
  XLA: (program) => xla(program),
};

function opened(make: (program: Program) => Engine, model: ModelConfiguration, seed: number) {
  const sampler = samplerOf(forwardOf(model), SIZE);
  const engine = make({ state: parameterShapes(model, V), calls: [sampler] });
  engine.write(parametersOf(model, seed));
  return { engine, sampler };
}

for (const [name, make] of Object.entries(ENGINES)) {
  Deno.test(`${name}: every token is the likeliest of the whole text, with its probability`, () => {
    const model = MODELS.smoke;
    const { engine, sampler } = opened(make, model, 1);
    const said = sampler.run(engine, { prompts: PROMPTS });
    const next = uncached(forwardOf(model), parametersOf(model, 1), model);
    assertEquals(said.length, PROMPTS.length);
    said.forEach(({ tokens, logProbabilities }, i) => {
      const text = [...PROMPTS[i]!];
      tokens.forEach((token, n) => {
        const logs = next(text);
        assertEquals(token, logs.indexOf(Math.max(...logs)), `prompt ${i}, token ${n}`);
        assertAlmostEquals(logProbabilities[n]!, logs[token]!, 2e-4, `prompt ${i}, token ${n}`);
        text.push(token);
      });
      assert(tokens.at(-1) === EOS || tokens.length === SIZE.added, String(tokens));
      assert(!tokens.slice(0, -1).includes(EOS));
    });
    engine.dispose();
  });
}

Deno.test("GELU, other sizes: the same", () => {
  const model = { ...MODELS.smoke, layers: 3, heads: 4, activation: "gelu" as const };
  const { engine, sampler } = opened(ENGINES.TensorFlow!, model, 2);
  const [{ tokens }] = sampler.run(engine, { prompts: [PROMPTS[1]!] }) as [Continuation];
  const next = uncached(forwardOf(model), parametersOf(model, 2), model);
  const text = [...PROMPTS[1]!];
  for (const token of tokens) {
    const logs = next(text);
    assertEquals(token, logs.indexOf(Math.max(...logs)));
    text.push(token);
  }
  engine.dispose();
});

Deno.test("drawn tokens are those of the seed, and come as often as they are likely", () => {
  const model = MODELS.smoke;
  const { engine, sampler } = opened(ENGINES.TensorFlow!, model, 3);
  const draw = (seed: number, count: number) =>
    sampler.run(engine, {
      prompts: new Array(count).fill(PROMPTS[2]!),
      random: stream(seed, "test"),
    });
  assertEquals(draw(0, 6), draw(0, 6));
  assert(JSON.stringify(draw(0, 6)) !== JSON.stringify(draw(1, 6)));
  const count = 1200;
  const firsts = draw(2, count).map(({ tokens }) => tokens[0]!);
  const logs = uncached(forwardOf(model), parametersOf(model, 3), model)(PROMPTS[2]!);
  let likely = 0;
  logs.forEach((log, token) => {
    const p = Math.exp(log);
    if (p > 0.05) likely++;
    const share = firsts.filter((own) => own === token).length / count;
    assertAlmostEquals(share, p, 4.5 * Math.sqrt(p * (1 - p) / count) + 1e-9, `token ${token}`);
  });
  assert(likely >= 3, `${likely} likely tokens check little`);
  engine.dispose();
});

Deno.test("what is drawn for a prompt does not depend on who is asked after it", () => {
  const { engine, sampler } = opened(ENGINES.TensorFlow!, MODELS.smoke, 3);
  const draw = (prompts: number[][]) => sampler.run(engine, { prompts, random: stream(7, "test") });
  assertEquals(draw(PROMPTS).slice(0, 2), draw(PROMPTS.slice(0, 2)));
  engine.dispose();
});

Deno.test("a prompt that does not fit is refused; a recurrent model has no cache", () => {
  const { engine, sampler } = opened(ENGINES["op by op"]!, MODELS.smoke, 0);
  for (const bad of [[], [1, 2, 3, 4, 5, 6, 7]]) {
    assertThrows(
      () => sampler.run(engine, { prompts: [bad] }),
      Error,
      `a prompt must have 1 to 6 tokens, got ${bad.length}`,
    );
  }
  engine.dispose();
  assertEquals(canSample(MODELS.smoke), true);
  assertEquals(canSample({ ...MODELS.smoke, mixer: "recurrent" }), false);
});
