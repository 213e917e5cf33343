import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  BOS,
  createCorpus,
  createPopulation,
  createTokenizer,
  EOS,
  loadLists,
  PAD,
  question,
  type Scale,
  stream,
  uniform,
} from "../../lib/generator/mod.ts";
import { hostileText } from "../durability/hostile_text.ts";

const lists = loadLists("laptop");
const tokenizer = createTokenizer(lists);
const NAME = `${lists.first[3]} ${lists.first[8]} ${lists.last[5]}`;

/** Every template, question, answer and refusal filled, each value at least once. */
function* sentences(): Iterable<string> {
  const fill = (text: string, value: string) =>
    text.replace("{name}", NAME).replace("{value}", value);
  for (const { templates, questions, values } of lists.attributes) {
    for (let i = 0; i < Math.max(templates.length, values.length); i++) {
      yield fill(templates[i % templates.length]!, values[i % values.length]!);
    }
    for (const text of questions) yield fill(text, "");
    for (const text of lists.answers) for (const value of values) yield fill(text, value);
  }
  yield* lists.refusals;
}

/** Where a list of tokens stands in another; -1 if it does not. */
function find(tokens: number[], part: number[]): number {
  return tokens.findIndex((_, i) => part.every((token, k) => tokens[i + k] === token));
}

Deno.test("decoding what was encoded gives every sentence back exactly", () => {
  for (const text of sentences()) assertEquals(tokenizer.decode(tokenizer.encode(text)), text);
});

Deno.test("a value and a name have the same tokens wherever they stand", () => {
  for (const { templates, values } of lists.attributes) {
    for (const value of values) {
      const own = tokenizer.encode(value);
      for (const template of [...templates, ...lists.answers]) {
        const text = template.replace("{name}", NAME).replace("{value}", value);
        assert(find(tokenizer.encode(text), own) >= 0, text);
      }
    }
    for (const template of templates) {
      const text = template.replace("{name}", NAME).replace("{value}", values[0]!);
      assert(find(tokenizer.encode(text), tokenizer.encode(NAME)) >= 0, text);
    }
  }
});

Deno.test("a token is one word or one punctuation mark, never both", () => {
  const words = tokenizer.tokens.slice(4);
  assert(words.length > 100);
  for (const token of words) assert(/^▁?([\p{L}\p{N}]+|[^\p{L}\p{N}\s▁])$/u.test(token), token);
});

Deno.test("punctuation is a token of its own: a period costs one more", () => {
  const [plain, ended] = ["I do not know", "I do not know."].map((text) => tokenizer.encode(text));
  assertEquals(ended!.slice(0, -1), plain);
  assertEquals(ended!.length, plain!.length + 1);
});

Deno.test("the first word of a text has the token it has in the middle", () => {
  const [inside] = tokenizer.encode("know").slice(-1);
  assertEquals(tokenizer.encode("I do not know.")[3], inside);
});

Deno.test("a text without words has no tokens", () => {
  assertEquals(tokenizer.encode(""), []);
  assertEquals(tokenizer.decode([]), "");
});

Deno.test("begin, end and padding leave no trace in the text", () => {
  const ids = [BOS, ...tokenizer.encode("I do not know."), EOS, PAD, PAD];
  assertEquals(tokenizer.decode(ids), "I do not know.");
});

Deno.test("an unknown word is refused by name", () => {
  const error = assertThrows(
    () => tokenizer.encode("I do not xylographize."),
    Error,
    'Cannot encode "I do not xylographize."',
  ) as Error;
  assert(error.message.includes('the word "xylographize"'));
});

Deno.test("ids are the places of distinct tokens, special ones first", () => {
  assertEquals(new Set(tokenizer.tokens).size, tokenizer.tokens.length);
  assertEquals(
    [PAD, BOS, EOS].map((id) => tokenizer.tokens[id]),
    ["<pad>", "<bos>", "<eos>"],
  );
  tokenizer.tokens.slice(4).forEach((token, i) => {
    if (token.startsWith("▁")) assertEquals(tokenizer.encode(token.slice(1)), [i + 4]);
  });
});

Deno.test("the embedding has a multiple of 64 rows, just enough, at every scale", () => {
  for (const scale of ["smoke", "laptop", "paper"] as Scale[]) {
    const { tokens, vocabularySize } = createTokenizer(loadLists(scale));
    assertEquals(vocabularySize % 64, 0);
    assert(vocabularySize >= tokens.length && vocabularySize < tokens.length + 64);
  }
});

Deno.test("the vocabulary is the same for every seed and size of population", () => {
  const of = (seed: number, people: number) =>
    createCorpus({
      scale: "laptop",
      seed,
      people,
      schedule: [{ people: uniform() }],
      order: "shuffled",
      evaluate: 8,
    }).tokenizer.tokens;
  assertEquals(of(0, 16), tokenizer.tokens);
  assertEquals(of(7, 300), tokenizer.tokens);
});

Deno.test("questions about anybody can be written with the vocabulary of the lists alone", () => {
  const population = createPopulation({ lists, people: 500, seed: 3 });
  for (let person = 0; person < population.size; person++) {
    const attribute = person % 6;
    assert(question(population, tokenizer, { person, attribute, index: person % 5 }).length > 5);
  }
});

/** As much of a Hugging Face tokenizer.json as ours uses. */
interface HuggingFace {
  normalizer: {
    normalizers: ({ prepend: string } | { pattern: { String: string }; content: string })[];
  };
  pre_tokenizer: { pattern: { Regex: string } };
  decoder: {
    decoders: [{ pattern: { String: string }; content: string }, unknown, { content: string }];
  };
  added_tokens: { id: number; content: string }[];
  model: { vocab: Record<string, number>; unk_token: string };
}

Deno.test("tokenizer.json has the same ids", () => {
  const { model, added_tokens } = tokenizer.toHuggingFace() as unknown as HuggingFace;
  assertEquals(Object.keys(model.vocab).length, tokenizer.tokens.length);
  tokenizer.tokens.forEach((token, id) => assertEquals(model.vocab[token], id));
  for (const { id, content } of added_tokens) assertEquals(tokenizer.tokens[id], content);
});

Deno.test("following the rules of tokenizer.json by hand gives the same ids", () => {
  const json = JSON.stringify(tokenizer.toHuggingFace());
  const { normalizer, pre_tokenizer, added_tokens, model } = JSON.parse(json) as HuggingFace;
  const splitter = new RegExp(`(${pre_tokenizer.pattern.Regex})`, "u");
  const specials = new RegExp(`(${added_tokens.map(({ content }) => content).join("|")})`);
  const idsOf = (text: string) =>
    text.split(specials).flatMap((part, i) => {
      if (i % 2 === 1 || part === "") return part === "" ? [] : [model.vocab[part]];
      const normal = normalizer.normalizers.reduce(
        (text, step) =>
          "prepend" in step
            ? step.prepend + text
            : text.replaceAll(step.pattern.String, () => step.content),
        part,
      );
      const pieces = normal.split(splitter).filter((piece) => piece !== "");
      return pieces.map((piece) => model.vocab[piece]);
    });
  for (const text of sentences()) assertEquals(idsOf(text), tokenizer.encode(text));
  const random = stream(0, "odd");
  let refused = 0;
  for (let i = 0; i < 2000; i++) {
    const text = hostileText(tokenizer, random);
    const ids = idsOf(text);
    if (!ids.includes(undefined)) {
      assertEquals(ids, tokenizer.encode(text), JSON.stringify(text));
      continue;
    }
    // A word without an id, and no token to stand for it, is an error there.
    assert(!(model.unk_token in model.vocab));
    assertThrows(() => tokenizer.encode(text), Error, "Cannot encode ");
    refused++;
  }
  assert(refused > 200 && refused < 1800, `${refused} of 2000 refused`);
});

for (
  const [what, text, got] of [
    ["a space at the end", "I do not know ", " "],
    ["a space at the beginning", " I do not know", " "],
    ["two spaces in a row", "I do  not know", " "],
    ["a line break", "I do not know\n", "\n"],
    ["a space that does not break", "I do\u00a0not know", "\u00a0"],
  ] as const
) {
  Deno.test(`${what} is refused rather than lost`, () => {
    const error = assertThrows(() => tokenizer.encode(text), Error, "one space between") as Error;
    assert(error.message.endsWith(`got ${JSON.stringify(got)}.`), error.message);
  });
}

Deno.test("the mark of a space is no space, and special tokens can be named", () => {
  assertThrows(
    () => tokenizer.encode("I\u2581do not know."),
    Error,
    'the words "\u2581", "do" are',
  );
  const ids = tokenizer.encode("I do not know.");
  assertEquals(tokenizer.encode("<bos>I do not know.<eos>"), [BOS, ...ids, EOS]);
});
