import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  batchAt,
  type Biography,
  BOS,
  bucketLengths,
  type CorpusOptions,
  createCorpus,
  EOS,
  type EvaluationSet,
  evaluationSets,
  lengthFor,
  loadLists,
  pack,
  PAD,
  personOf,
  templatesOf,
  uniform,
  warmUp,
} from "../../lib/generator/mod.ts";
import { assertUniform } from "./chi_square.ts";
import { toldTemplates } from "./told_template.ts";

const lists = loadLists("laptop");

function corpusOf(options: Partial<CorpusOptions> = {}) {
  return createCorpus({
    scale: "laptop",
    seed: 0,
    people: 64,
    schedule: [{ people: uniform() }],
    order: "shuffled",
    evaluate: 40,
    ...options,
  }, lists);
}

/** A biography of so many tokens; what they are does not matter. */
function ofLength(count: number): Biography {
  return { person: 0, tokens: Array.from({ length: count }, (_, i) => i + 1), spans: [] };
}

Deno.test("a batch depends on the step alone, not on the batches drawn before", () => {
  const [forwards, backwards] = [corpusOf(), corpusOf()];
  const steps = [0, 1, 2, 3, 4];
  const first = steps.map((step) => batchAt(forwards, { step, batch: 6 }));
  const second = steps.toReversed().map((step) => batchAt(backwards, { step, batch: 6 }));
  assertEquals(second.toReversed(), first);
  assertEquals(batchAt(forwards, { step: 2, batch: 6 }), first[2]);
});

Deno.test("other steps and other seeds give other batches", () => {
  const tokens = (seed: number, step: number) =>
    batchAt(corpusOf({ seed }), { step, batch: 4 }).map((biography) => biography.tokens);
  assertNotEquals(tokens(0, 1), tokens(0, 0));
  assertNotEquals(tokens(1, 0), tokens(0, 0));
});

Deno.test("a larger batch begins with the smaller one", () => {
  const corpus = corpusOf();
  const few = batchAt(corpus, { step: 5, batch: 3 });
  assertEquals(batchAt(corpus, { step: 5, batch: 9 }).slice(0, 3), few);
});

Deno.test("people are drawn with replacement, everybody equally often over the steps", () => {
  const corpus = corpusOf();
  const people: number[] = [];
  let repeats = 0;
  for (let step = 0; step < 400; step++) {
    const batch = batchAt(corpus, { step, batch: 16 }).map(({ person }) => person);
    repeats += 16 - new Set(batch).size;
    people.push(...batch);
  }
  assertUniform(people, 64);
  assert(repeats > 0);
});

Deno.test("each step draws from its own phase of the schedule", () => {
  const corpus = corpusOf({ schedule: warmUp({ people: 8, epochs: 2, batch: 4 }) });
  const reach = (from: number, to: number) => {
    const steps = Array.from({ length: to - from }, (_, i) => from + i);
    return Math.max(
      ...steps.flatMap((step) => batchAt(corpus, { step, batch: 4 })).map(({ person }) => person),
    );
  };
  assert(reach(0, 4) < 8);
  assert(reach(4, 40) >= 32);
  assert(reach(0, 4) < 8, "also after later steps were drawn");
});

Deno.test("a step trains on nothing but the training templates of its people", () => {
  const corpus = corpusOf({ templates: 2 });
  for (let step = 0; step < 30; step++) {
    for (const biography of batchAt(corpus, { step, batch: 8 })) {
      toldTemplates(biography, lists, corpus.tokenizer).forEach((told, attribute) => {
        const own = templatesOf(corpus.population, biography.person, attribute, "training");
        assert(own.slice(0, 2).includes(told));
      });
    }
  }
});

Deno.test("the fixed order is kept in batches", () => {
  for (const { spans } of batchAt(corpusOf({ order: "fixed" }), { step: 0, batch: 8 })) {
    const told = spans.filter(({ kind }) => kind === "value").map(({ attribute }) => attribute);
    assertEquals(told, [0, 1, 2, 3, 4, 5]);
  }
});

Deno.test("packing pads each row and lets each token predict the next", () => {
  const biographies = [[BOS, 7, 8, 9, EOS], [BOS, 7, EOS]].map((tokens) => ({
    person: 0,
    tokens,
    spans: [],
  }));
  const { length, inputs, targets } = pack(biographies, 5);
  assertEquals(length, 5);
  assertEquals([...inputs], [BOS, 7, 8, 9, PAD, BOS, 7, PAD, PAD, PAD]);
  assertEquals([...targets], [7, 8, 9, EOS, PAD, 7, EOS, PAD, PAD, PAD]);
});

Deno.test("packing takes a biography of one token more than the length, and refuses a longer one", () => {
  const { inputs, targets } = pack([ofLength(5)], 4);
  assertEquals([[...inputs], [...targets]], [[1, 2, 3, 4], [2, 3, 4, 5]]);
  assertThrows(() => pack([ofLength(6)], 4), Error, "at most 5 tokens, got 6");
});

Deno.test("the shortest length that fits the longest biography is chosen", () => {
  const longest = (count: number) => [ofLength(3), ofLength(count), ofLength(2)];
  assertEquals(lengthFor(longest(9), [8, 16, 24]), 8);
  assertEquals(lengthFor(longest(10), [8, 16, 24]), 16);
  assertEquals(lengthFor(longest(25), [8, 16, 24]), 24);
  assertThrows(() => lengthFor(longest(26), [8, 16, 24]), Error, "Cannot fit 25 tokens");
});

Deno.test("the order in which lengths are given does not matter", () => {
  assertEquals(lengthFor([ofLength(9)], [24, 8, 16]), 8);
});

Deno.test("bucket lengths rise in multiples of 8, and the last fits every biography", () => {
  const { writer } = corpusOf();
  const lengths = bucketLengths(writer);
  assert(lengths.length >= 2 && lengths.length <= 4);
  lengths.forEach((length, i) => {
    assertEquals(length % 8, 0);
    if (i > 0) assert(length > lengths[i - 1]!);
  });
  assert(lengths.at(-1)! >= writer.length.max - 1);
  assert(lengths.at(-1)! < writer.length.max - 1 + 8);
});

Deno.test("most batches fit a bucket well below the longest biography", () => {
  const corpus = corpusOf();
  const lengths = bucketLengths(corpus.writer);
  const used = Array.from(
    { length: 100 },
    (_, step) => lengthFor(batchAt(corpus, { step, batch: 16 }), lengths),
  );
  assert(used.filter((length) => length < lengths.at(-1)!).length > 90);
});

function bySet(sets: EvaluationSet[]): Record<EvaluationSet["name"], EvaluationSet> {
  return Object.fromEntries(sets.map((set) => [set.name, set])) as ReturnType<typeof bySet>;
}

Deno.test("evaluation sets are the same at every call and after training steps", () => {
  const corpus = corpusOf();
  const before = evaluationSets(corpus).map(({ name, biographies }) => ({ name, biographies }));
  for (let step = 0; step < 5; step++) batchAt(corpus, { step, batch: 8 });
  const after = evaluationSets(corpus).map(({ name, biographies }) => ({ name, biographies }));
  assertEquals(after, before);
});

Deno.test("evaluation sets have at most the wanted people, each once, and an eighth for new templates", () => {
  for (
    const [people, evaluate, sizes] of [[64, 40, [40, 40, 5, 40]], [64, 80, [
      64,
      64,
      8,
      80,
    ]]] as const
  ) {
    const sets = evaluationSets(corpusOf({ people, evaluate }));
    assertEquals(sets.map(({ name }) => name), ["training", "held-out", "new", "unseen"]);
    assertEquals(sets.map(({ biographies }) => biographies.length), [...sizes]);
    for (const { biographies } of sets) {
      assertEquals(new Set(biographies.map(({ person }) => person)).size, biographies.length);
    }
  }
});

Deno.test("evaluation is uniform over people, whatever the schedule draws", () => {
  const few = [{ people: uniform(0, 4) }];
  const people = (options: Partial<CorpusOptions>) =>
    evaluationSets(corpusOf(options))[0]!.biographies.map(({ person }) => person);
  assertEquals(people({ schedule: few }), people({}));
  const chosen: number[] = [];
  for (let seed = 0; seed < 150; seed++) chosen.push(...people({ seed, people: 32, evaluate: 8 }));
  assertUniform(chosen, 32);
});

Deno.test("the same people are asked in training and in held-out templates, and keep to them", () => {
  const corpus = corpusOf();
  const sets = bySet(evaluationSets(corpus));
  const people = (name: EvaluationSet["name"]) =>
    sets[name]!.biographies.map(({ person }) => person);
  assertEquals(people("held-out"), people("training"));
  assert(people("new").every((person) => people("training").includes(person)));
  for (const name of ["training", "held-out", "new"] as const) {
    for (const biography of sets[name].biographies) {
      toldTemplates(biography, lists, corpus.tokenizer).forEach((told, attribute) => {
        const own = templatesOf(corpus.population, biography.person, attribute, name);
        assert(own.includes(told));
      });
    }
  }
});

Deno.test("a run with few templates a person is asked in those it is trained with", () => {
  const corpus = corpusOf({ templates: 1 });
  for (const biography of bySet(evaluationSets(corpus)).training.biographies) {
    const told = toldTemplates(biography, lists, corpus.tokenizer);
    const own = told.map((_, attribute) =>
      templatesOf(corpus.population, biography.person, attribute, "training")[0]!
    );
    assertEquals(told, own);
  }
});

Deno.test("the unseen set tells of people who are not in the population", () => {
  const corpus = corpusOf();
  const { population, biographies } = bySet(evaluationSets(corpus)).unseen;
  const known = new Set(
    Array.from({ length: corpus.population.size }, (_, i) => personOf(corpus.population, i).name),
  );
  for (const { person, tokens } of biographies) {
    const { name } = personOf(population, person);
    assert(!known.has(name));
    assertEquals(corpus.tokenizer.decode(tokens).split(name).length - 1, 6);
  }
});

Deno.test("evaluation shuffles sentences even when training does not", () => {
  const [{ biographies }] = evaluationSets(corpusOf({ order: "fixed" })) as [EvaluationSet];
  const firsts = new Set(biographies.map(({ spans }) => spans[0]!.attribute));
  assertEquals(firsts.size, 6);
});

Deno.test("groups are evaluated apart, on held-out templates, and change no other set", () => {
  const options = { people: 40, evaluate: 12 };
  const plain = evaluationSets(corpusOf(options));
  const grouped = evaluationSets(corpusOf({ ...options, groups: [0, 30] }));
  const texts = (sets: EvaluationSet[]) => sets.map(({ biographies }) => biographies);
  assertEquals(texts(grouped.slice(0, 4)), texts(plain));
  const people = (i: number) => grouped[i]!.biographies.map(({ person }) => person);
  assertEquals(grouped.slice(4).map(({ name }) => name), ["group 1", "group 2"]);
  assertEquals([people(4).length, people(5).length], [12, 10]);
  assert(people(4).every((person) => person < 30) && people(5).every((person) => person >= 30));
});

Deno.test("the first few of a set are drawn like the rest; recipe 1 had them by index", () => {
  const people = 64;
  const first = (recipe?: number) =>
    Array.from(
      { length: 60 },
      (_, seed) =>
        bySet(evaluationSets(corpusOf({ seed, people, evaluate: 16, groups: [0, 32], recipe }))),
    );
  const indices = (sets: ReturnType<typeof bySet>, name: EvaluationSet["name"], count: number) =>
    sets[name]!.biographies.slice(0, count).map(({ person }) => person);
  const drawn = first();
  assertUniform(drawn.flatMap((sets) => indices(sets, "new", 2)), people);
  assertUniform(drawn.flatMap((sets) => indices(sets, "training", 4)), people);
  assertUniform(drawn.flatMap((sets) => indices(sets, "group 2", 4)).map((i) => i - 32), 32);
  for (const sets of first(1)) {
    const known = indices(sets, "training", 16);
    assertEquals(known, known.toSorted((a, b) => a - b));
    assertEquals(indices(sets, "new", 2), known.slice(0, 2));
  }
});
