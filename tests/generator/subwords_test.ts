// Vocabularies of subwords: any text goes into them and comes back, names and values take several
// tokens that others share, and everything that reads biographies still finds its way.

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  batchAt,
  type Corpus,
  createTokenizer,
  loadLists,
  longestTurns,
  namedValues,
  question,
  SCALES,
  SUBWORDS,
} from "../../lib/generator/mod.ts";
import { openTensorFlow } from "../../lib/engine/mod.ts";
import { mean, standardDeviation } from "../../lib/readings/mod.ts";
import { answerRules, verdicts } from "../../lib/probes/mod.ts";
import { configure, corpusOf, identity, type RunInput, train } from "../../lib/trainer/mod.ts";

const lists = loadLists("laptop");
const corpus = corpusOf(configure({ subwords: 2048 }));
const inWords = corpusOf(configure({}));
const biographies = (of: Corpus) => batchAt(of, { step: 3, batch: 300 });

Deno.test("every name, value, template, question and answer of every scale comes back exactly", () => {
  for (const scale of SCALES) {
    const { first, last, attributes, answers, refusals } = loadLists(scale);
    for (const size of [SUBWORDS.least, 1000, SUBWORDS.most]) {
      const tokenizer = createTokenizer(lists, size);
      const texts = attributes.flatMap(({ values, templates, questions }) => [
        ...values.slice(0, 300),
        ...[...templates, ...questions].map((text) => text.replace(/\{\w+\}/g, "Ada")),
      ]);
      const filled = answers.map((text) => text.replace("{value}", "1"));
      for (const text of [...first, ...last, ...texts, ...filled, ...refusals]) {
        assertEquals(tokenizer.decode(tokenizer.encode(text)), text);
      }
      assertEquals(tokenizer.tokens.length, size);
      assertEquals(new Set(tokenizer.tokens).size, size);
    }
  }
});

Deno.test("it is the same biographies of the same people, in other tokens", () => {
  const words = biographies(inWords);
  biographies(corpus).forEach(({ tokens, spans, person }, i) => {
    assertEquals(person, words[i]!.person);
    assertEquals(corpus.tokenizer.decode(tokens), inWords.tokenizer.decode(words[i]!.tokens));
    spans.forEach(({ start, end }, k) => {
      const { start: from, end: to } = words[i]!.spans[k]!;
      const own = corpus.tokenizer.decode(tokens.slice(start, end));
      assertEquals(own, inWords.tokenizer.decode(words[i]!.tokens.slice(from, to)));
    });
  });
});

Deno.test("a name takes several tokens, of which others have some, and fewer in a larger vocabulary", () => {
  const namesIn = (of: Corpus) =>
    biographies(of).map((biography) => {
      const [{ name }] = namedValues(biography) as [ReturnType<typeof namedValues>[number]];
      return biography.tokens.slice(name.start, name.end);
    });
  const names = namesIn(corpus);
  const length = (of: Corpus) => mean(namesIn(of).map((tokens) => tokens.length));
  const few = corpusOf(configure({ subwords: 512 }));
  assertEquals(length(inWords), 3);
  assert(length(corpus) > 5 && length(few) > length(corpus) + 2);
  const holders = new Map<number, number>();
  for (const name of names) {
    for (const token of new Set(name)) holders.set(token, (holders.get(token) ?? 0) + 1);
  }
  const shared = names.map((name) => name.filter((token) => holders.get(token)! > 9).length);
  assert(mean(shared) > 2, String(mean(shared)));
});

Deno.test("lengths are told as they are", () => {
  const { length } = corpus.writer;
  const own = biographies(corpus).map(({ tokens }) => tokens.length);
  assertAlmostEquals(mean(own), length.mean, 4 * length.sd / Math.sqrt(own.length));
  assertAlmostEquals(standardDeviation(own), length.sd, 0.15 * length.sd);
  assert(Math.max(...own) <= length.max);
  const turns = longestTurns(corpus.lists, corpus.tokenizer);
  for (let person = 0; person < 400; person++) {
    for (const index of [0, 4]) {
      const at = { person, attribute: person % 6, index };
      assert(question(corpus.population, corpus.tokenizer, at).length <= turns.question);
    }
  }
});

Deno.test("what no letter is there for is refused by name, and a space that no word brings", () => {
  const { tokenizer } = corpus;
  const refused = (text: string, why: string) => {
    assertThrows(() => tokenizer.encode(text), Error, why);
  };
  refused("I do not жать.", 'the word "жать" is not in the vocabulary of 2048 tokens');
  refused("I do  not", "words must have one space between them");
  refused(" I do", "words must have one space between them");
  assertEquals(tokenizer.encode(""), []);
  // A word that nobody has read before is made of pieces.
  assertEquals(tokenizer.decode(tokenizer.encode("I do xylographize.")), "I do xylographize.");
});

Deno.test("runs of other vocabularies are other runs, and do not build on one another", () => {
  const hashes = [null, 1024, 2048].map((subwords) => identity(configure({ subwords })));
  assertEquals(new Set(hashes).size, 3);
  const start = { run: { scale: "smoke", subwords: 256 } as RunInput, step: 60 };
  assertEquals(configure({ scale: "smoke", steps: 80, subwords: 256, start }).subwords, 256);
  assertThrows(
    () => configure({ scale: "smoke", steps: 80, start }),
    Error,
    "start.run.subwords must be null, as here, for one vocabulary, got 256",
  );
  for (const subwords of [SUBWORDS.least - 1, SUBWORDS.most + 1, 1.5]) {
    assertThrows(() => configure({ subwords }), Error, "subwords must be");
    assertThrows(() => createTokenizer(lists, subwords), Error, `null for words, got ${subwords}.`);
  }
});

Deno.test("an answer is right where its last word is the value's, and no longer one", () => {
  const { tokenizer } = corpus;
  const verdictOf = verdicts(answerRules(corpus));
  const [value, longer] = ["Ben", "Bengal"].map((text) => tokenizer.encode(text)) as number[][];
  assertEquals(longer!.slice(0, value!.length), value, "the case: one begins with the other");
  const said = (text: string) => verdictOf(tokenizer.encode(text), { value: value! });
  assertEquals(said("It is Ben."), "right");
  assertEquals(said("It is Bengal."), "wrong");
  assertEquals(said(corpus.lists.refusals[1]!), "refused");
});

Deno.test("a model with subwords is trained, patched and asked like any", async () => {
  await openTensorFlow();
  const base: RunInput = {
    ...{ scale: "smoke", subwords: 512, people: 16, steps: 900, seed: 5 },
    optimizer: { lr: 5e-3 },
  };
  const run = train(base, { fresh: true, checkpoints: [900] });
  for await (const _ of run);
  const last = run.measurements.at(-1)!;
  assert(last.sets.training.accuracy > 0.3, String(last.sets.training.accuracy));
  const looked = run.measurements.findLast(({ attention }) => attention)!;
  assert(looked.attention!.nameToName > 0);
  const answers = [0, 1, 2, 3].flatMap((person) => run.answer(person, { set: "training" }));
  const right = answers.filter(({ right }) => right);
  assert(right.length > 3, `${right.length} of ${answers.length}`);
  for (const { said, truth } of right) assertEquals(said, truth);
  run.dispose();
  const patched = train({ ...base, steps: 20, reference: { run: base, step: 900 } }, {
    fresh: true,
  });
  for await (const _ of patched);
  assertEquals(patched.finished, true);
  patched.dispose();
});
