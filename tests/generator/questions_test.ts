// Questions, answers and refusals: who is asked, what is learned of it, in which words.

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  createCorpus,
  evaluationSets,
  longestLesson,
  pack,
  PAD,
  personOf,
  preferencesAt,
  questionsAbout,
  questionsAt,
  SCALES,
  sentencesOf,
  stream,
  uniform,
} from "../../lib/generator/mod.ts";

const corpus = createCorpus({
  scale: "smoke",
  seed: 0,
  people: 32,
  schedule: [{ people: uniform() }],
  order: "shuffled",
  evaluate: 16,
});
const { tokenizer, lists, population } = corpus;
const REFUSE = 16;
const lessons = Array.from(
  { length: 40 },
  (_, step) => questionsAt(corpus, { step, batch: 8, refuse: REFUSE }),
).flat();
const text = (tokens: number[]) => tokenizer.decode(tokens);

/** The person a question is about. */
function about(tokens: number[]): number {
  const question = text(tokens);
  return Array.from({ length: population.size }, (_, i) => i)
    .find((person) => question.includes(personOf(population, person).name))!;
}

Deno.test("people from an index on are refused, the others get their value", () => {
  const seen = new Set<boolean>();
  for (const { tokens, from } of lessons) {
    const [person, answer] = [about(tokens.slice(0, from)), text(tokens.slice(from))];
    const refused = lists.refusals.includes(answer.trim());
    assertEquals(refused, person >= REFUSE, `${text(tokens)}`);
    const values = Object.values(personOf(population, person).values);
    if (!refused) assert(values.some((value) => answer.includes(value)), text(tokens));
    seen.add(refused);
  }
  assertEquals(seen.size, 2);
});

Deno.test("a value is the same in biography, question and answer, whatever its signs", () => {
  for (const name of ["Rock $$ Roll", "Cash $& Co", "$1 {name} Shop", "$` {value}"]) {
    const attributes = lists.attributes.map((attribute) =>
      attribute.name === "company" ? { ...attribute, values: [name] } : attribute
    );
    const own = createCorpus(corpus.options, { ...lists, attributes });
    const company = attributes.findIndex((attribute) => attribute.name === "company");
    const written = (tokens: number[]) => own.tokenizer.decode(tokens);
    const style = { set: "training", order: "fixed" } as const;
    const { tokens, spans } = own.writer.write(own.population, 3, style, stream(0, "odd"));
    const { start, end } = spans.find(({ kind, attribute }) =>
      kind === "value" && attribute === company
    )!;
    assertEquals(written(tokens.slice(start, end)), name);
    const answers = questionsAt(own, { step: 0, batch: 200, refuse: null })
      .map(({ tokens, from }) => written(tokens.slice(from)));
    const right = lists.answers.map((text) => text.split("{value}").join(name));
    assert(answers.some((answer) => right.includes(answer)), `${name}: ${answers}`);
    const [asked] = questionsAbout(own, own.population, [3])
      .filter(({ value }) => written(value) === name);
    assert(asked !== undefined);
    assert(longestLesson(own.lists, own.tokenizer) > asked.value.length);
  }
});

Deno.test("without an index nobody is refused", () => {
  for (const { tokens, from } of questionsAt(corpus, { step: 0, batch: 32, refuse: null })) {
    assert(!lists.refusals.includes(text(tokens.slice(from)).trim()));
  }
});

Deno.test("a step's questions follow from the step alone", () => {
  const at = (step: number) => questionsAt(corpus, { step, batch: 4, refuse: REFUSE });
  assertEquals(at(3), at(3));
  assertNotEquals(at(3), at(4));
});

Deno.test("only the answer is a target", () => {
  const [lesson] = lessons as [typeof lessons[number]];
  const { inputs, targets } = pack([lesson], 32);
  const learned = [...targets].flatMap((token, i) => token === PAD ? [] : [i]);
  assertEquals(learned[0], lesson.from - 1);
  assertEquals(learned.map((i) => targets[i]), lesson.tokens.slice(lesson.from));
  // What predicts the first token of the answer is the last of the question.
  assertEquals(inputs[learned[0]!], lesson.tokens[lesson.from - 1]);
});

Deno.test("the last phrasing of a question is kept for evaluation", () => {
  const kept = new Set(
    lists.attributes.map(({ questions }) => questions.at(-1)!.split("{name}")[0]),
  );
  const trained = lessons.map(({ tokens, from }) => text(tokens.slice(0, from)));
  for (const question of trained) {
    assert(
      lists.attributes.some(({ questions }) =>
        questions.slice(0, -1).some((q) =>
          q.split("{name}").every((part) => question.includes(part))
        )
      ),
      question,
    );
  }
  for (const { prompt } of questionsAbout(corpus, population, [0, 5])) {
    assert([...kept].some((begin) => text(prompt).startsWith(begin!)), text(prompt));
  }
});

Deno.test("preferences are pairs to one question: value before refusal, or refusal before value", () => {
  const rows = Array.from(
    { length: 20 },
    (_, step) => preferencesAt(corpus, { step, batch: 8, refuse: REFUSE }),
  ).flat();
  for (let i = 0; i < rows.length; i += 2) {
    const [wanted, unwanted] = [rows[i]!, rows[i + 1]!];
    assertEquals(wanted.tokens.slice(0, wanted.from), unwanted.tokens.slice(0, unwanted.from));
    const isRefusal = ({ tokens, from }: typeof wanted) =>
      lists.refusals.includes(text(tokens.slice(from)).trim());
    const unknown = about(wanted.tokens) >= REFUSE;
    assertEquals([isRefusal(wanted), isRefusal(unwanted)], [unknown, !unknown]);
  }
});

Deno.test("the longest lesson fits every question, answer and sentence", () => {
  for (const scale of SCALES) {
    const own = createCorpus({ ...corpus.options, scale, people: 64 });
    const most = longestLesson(own.lists, own.tokenizer);
    for (let step = 0; step < 50; step++) {
      for (const { tokens } of questionsAt(own, { step, batch: 8, refuse: 32 })) {
        assert(tokens.length <= most);
      }
    }
    const [{ biographies }] = evaluationSets(own) as [ReturnType<typeof evaluationSets>[number]];
    for (const { prompt, value } of sentencesOf(biographies)) {
      assert(prompt.length + value.length < most);
    }
  }
});

Deno.test("a biography's sentences are broken off before their value", () => {
  const [{ biographies }] = evaluationSets(corpus) as [ReturnType<typeof evaluationSets>[number]];
  const [biography] = biographies;
  const asked = sentencesOf([biography!]);
  assertEquals(asked.length, lists.attributes.length);
  const { name, values } = personOf(population, biography!.person);
  for (const { prompt, value } of asked) {
    assert(text(prompt).includes(name));
    assert(Object.values(values).includes(text(value)));
    assert(text(biography!.tokens).includes(text([...prompt, ...value])));
  }
});
