import { assert, assertEquals, assertGreater, assertNotEquals, assertThrows } from "@std/assert";
import { BOS, createTokenizer, EOS, loadLists, PAD } from "../../lib/generator/mod.ts";
import {
  complete,
  forwardOf,
  initialParameters,
  type Model,
  MODELS,
  nextToken,
  parameterShapes,
} from "../../lib/model/mod.ts";
import { compile, openTensorFlow } from "../../lib/engine/mod.ts";
import { scriptedEngine } from "../engine/stand_in.ts";

await openTensorFlow();

const tokenizer = createTokenizer(loadLists("smoke"));
const prompt = loadLists("smoke").refusals[0]!;
const words = tokenizer.encode(prompt);
const V = tokenizer.vocabularySize;
const LENGTH = words.length + 8;

/** A model whose next token is given by a function of the tokens so far. */
function scripted(next: (tokens: number[]) => Float32Array): Model & { calls: number[][] } {
  const calls: number[][] = [];
  const engine = scriptedEngine((inputs) => {
    const row = inputs.row![0]!;
    assert([...inputs.tokens!.subarray(row + 1)].every((token) => token === PAD));
    const tokens = [...inputs.tokens!.subarray(0, row + 1)];
    calls.push(tokens);
    return { logits: next(tokens) };
  });
  return { engine, tokenizer, next: nextToken(forwardOf(MODELS.smoke), LENGTH), calls };
}

/** Logits that put all weight on one token. */
function certain(token: number): Float32Array {
  const logits = new Float32Array(V).fill(-100);
  logits[token] = 0;
  return logits;
}

/** An untrained smoke model, so that sampling has a flat distribution to draw from. */
function untrained(): Model {
  const model = MODELS.smoke;
  const next = nextToken(forwardOf(model), LENGTH);
  const engine = compile({ state: parameterShapes(model, V), calls: [next] });
  engine.write(initialParameters(model, V, 0));
  return { engine, tokenizer, next };
}

Deno.test("a greedy completion is the same every time", () => {
  const model = untrained();
  const [first, second] = [complete(model, prompt), complete(model, prompt, { seed: 5 })];
  assertEquals(first, second);
  assertGreater(first.length, 0);
  model.engine.dispose();
});

Deno.test("sampling depends on its seed alone", () => {
  const model = untrained();
  const sample = (seed: number) => complete(model, prompt, { temperature: 1, seed });
  assertEquals(sample(1), sample(1));
  assertNotEquals(sample(1), sample(2));
  model.engine.dispose();
});

Deno.test("sampling follows the model's probabilities and the temperature", () => {
  const [a, b] = [words[0]!, words[1]!];
  const logits = new Float32Array(V).fill(-100);
  logits[a] = Math.log(3);
  logits[b] = 0;
  const model = scripted(() => logits);
  const share = (temperature: number) => {
    const hits = Array.from(
      { length: 300 },
      (_, seed) =>
        Number(
          complete(model, prompt, { temperature, seed, maxTokens: 1 }) ===
            tokenizer.decode([a]),
        ),
    );
    return hits.reduce((sum, hit) => sum + hit, 0) / hits.length;
  };
  // 3 to 1 at temperature 1, sqrt(3) to 1 at temperature 2; four standard errors are 0.11.
  assert(Math.abs(share(1) - 0.75) < 0.11, `${share(1)}`);
  assert(Math.abs(share(2) - Math.sqrt(3) / (1 + Math.sqrt(3))) < 0.115, `${share(2)}`);
});

Deno.test("the model sees the begin mark, the prompt, and what it has said", () => {
  const model = scripted((tokens) => certain(words[tokens.length % words.length]!));
  complete(model, prompt, { maxTokens: 2 });
  const said = words[(words.length + 1) % words.length]!;
  assertEquals(model.calls, [[BOS, ...words], [BOS, ...words, said]]);
});

Deno.test("only what was added is returned, and it decodes as text", () => {
  const model = scripted((tokens) => certain(words[tokens.length - words.length - 1] ?? EOS));
  assertEquals(complete(model, prompt), prompt);
});

for (const [name, mark] of [["end mark", EOS], ["padding", PAD]] as const) {
  Deno.test(`the ${name} ends a completion`, () => {
    assertEquals(complete(scripted(() => certain(mark)), prompt), "");
  });
}

Deno.test("a stop text ends a completion once it is written", () => {
  const stop = words.at(-1)!;
  const text = tokenizer.decode([stop]);
  const script = [words[0]!, stop, words[1]!];
  const model = scripted((tokens) => certain(script[tokens.length - words.length - 1]!));
  const added = complete(model, prompt, { stop: text, maxTokens: 3 });
  assert(added.endsWith(text));
  assertEquals(model.calls.length, 2);
});

Deno.test("no more tokens are added than asked for, nor than fit", () => {
  const model = scripted(() => certain(words[0]!));
  complete(model, prompt, { maxTokens: 3 });
  assertEquals(model.calls.length, 3);
  complete(model, prompt, { maxTokens: 100 });
  assertEquals(model.calls.length - 3, LENGTH - words.length - 1);
});

Deno.test("rows of the embedding that stand for no token are never chosen", () => {
  const model = scripted(() => {
    const logits = certain(words[0]!);
    logits[V - 1] = 100;
    return logits;
  });
  assertGreater(V, tokenizer.tokens.length);
  assertEquals(complete(model, prompt, { maxTokens: 1 }), tokenizer.decode([words[0]!]));
});

Deno.test("an unknown word is named", () => {
  const model = scripted(() => certain(EOS));
  assertThrows(() => complete(model, "Zyzzyx"), Error, `the word "Zyzzyx" is not in the`);
});

Deno.test("a prompt that does not fit is refused", () => {
  const model = {
    ...scripted(() => certain(EOS)),
    next: nextToken(forwardOf(MODELS.smoke), 3),
  };
  const why = `at most 3 tokens, got ${words.length + 1}`;
  assertThrows(() => complete(model, prompt), Error, why);
});
