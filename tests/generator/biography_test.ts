import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import {
  type Biography,
  BOS,
  byName,
  createPopulation,
  createTokenizer,
  createUnseen,
  createWriter,
  EOS,
  loadLists,
  personOf,
  question,
  stream,
  templatesOf,
} from "../../lib/generator/mod.ts";
import { assertUniform } from "./chi_square.ts";
import { toldTemplates } from "./told_template.ts";

const lists = loadLists("laptop");
const tokenizer = createTokenizer(lists);
const population = createPopulation({ lists, people: 256, seed: 0 });
const writer = createWriter(lists, tokenizer);
const SHUFFLED = { set: "training", order: "shuffled" } as const;

/** Some biographies, people in turn. */
function write(count: number, style: Parameters<typeof writer.write>[2] = SHUFFLED): Biography[] {
  const random = stream(0, "biography test");
  return Array.from(
    { length: count },
    (_, i) => writer.write(population, i % population.size, style, random),
  );
}

function text({ tokens }: Biography, { start, end }: { start: number; end: number }): string {
  return tokenizer.decode(tokens.slice(start, end));
}

function orderOf({ spans }: Biography): number[] {
  return spans.filter(({ kind }) => kind === "value").map(({ attribute }) => attribute);
}

Deno.test("a biography has six sentences, one an attribute", () => {
  for (const biography of write(256)) {
    assertEquals([...orderOf(biography)].sort(), [0, 1, 2, 3, 4, 5]);
    for (const { sentence, attribute } of biography.spans) {
      assertEquals(orderOf(biography)[sentence], attribute);
    }
  }
});

Deno.test("spans cover every token between the begin and the end mark once, in order", () => {
  for (const { tokens, spans } of write(256)) {
    assertEquals([tokens[0], tokens.at(-1)], [BOS, EOS]);
    assertEquals(tokens.filter((token) => token === BOS || token === EOS).length, 2);
    let next = 1;
    let sentence = 0;
    for (const span of spans) {
      assertEquals(span.start, next);
      assert(span.end > span.start);
      assert(span.sentence === sentence || span.sentence === sentence + 1);
      ({ end: next, sentence } = span);
    }
    assertEquals([next, sentence], [tokens.length - 1, 5]);
  }
});

Deno.test("each sentence has the full name, then the person's value, both marked exactly", () => {
  for (const biography of write(256)) {
    const person = personOf(population, biography.person);
    for (let sentence = 0; sentence < 6; sentence++) {
      const spans = biography.spans.filter((span) => span.sentence === sentence);
      const [name, value, ...more] = spans.filter(({ kind }) => kind !== "text");
      assertEquals([name!.kind, value!.kind, more.length], ["name", "value", 0]);
      assertEquals(name!.end - name!.start, 3);
      assertEquals(text(biography, name!), person.name);
      const attribute = lists.attributes[value!.attribute]!.name;
      assertEquals(text(biography, value!), person.values[attribute]);
    }
  }
});

Deno.test("some text, the cue, stands before each value, and every sentence is a template", () => {
  for (const biography of write(256)) {
    assert(!toldTemplates(biography, lists, tokenizer).includes(-1));
    biography.spans.forEach(({ kind, sentence }, i) => {
      if (kind !== "value") return;
      const before = biography.spans.slice(0, i).filter((span) => span.sentence === sentence);
      assert(before.some((span) => span.kind === "text"));
    });
  }
});

Deno.test("the tokens are those of the biography's own text", () => {
  for (const { tokens } of write(256)) {
    assertEquals([BOS, ...tokenizer.encode(tokenizer.decode(tokens)), EOS], tokens);
  }
});

Deno.test("each attribute comes first equally often when shuffled, and last", () => {
  const orders = write(6000).map(orderOf);
  assertUniform(orders.map((order) => order[0]!), 6);
  assertUniform(orders.map((order) => order[5]!), 6);
});

Deno.test("the fixed order is the attributes' order, every time", () => {
  for (const biography of write(100, { set: "training", order: "fixed" })) {
    assertEquals(orderOf(biography), [0, 1, 2, 3, 4, 5]);
  }
});

for (const set of ["training", "held-out", "new"] as const) {
  Deno.test(`${set} style uses all of a person's ${set} templates and no others`, () => {
    const random = stream(1, set);
    const used = Array.from({ length: 6 }, () => new Set<number>());
    for (let i = 0; i < 400; i++) {
      const biography = writer.write(population, 9, { set, order: "shuffled" }, random);
      toldTemplates(biography, lists, tokenizer).forEach((told, attribute) => {
        used[attribute]!.add(told);
      });
    }
    used.forEach((told, attribute) => {
      assertEquals([...told].sort(), [...templatesOf(population, 9, attribute, set)].sort());
    });
  });
}

Deno.test("unseen people's biographies keep to the templates of their set too", () => {
  const unseen = createUnseen(population, { people: 20, seed: 0 });
  const random = stream(0, "unseen biographies");
  for (let person = 0; person < unseen.size; person++) {
    const biography = writer.write(unseen, person, SHUFFLED, random);
    toldTemplates(biography, lists, tokenizer).forEach((told, attribute) => {
      assert(templatesOf(unseen, person, attribute, "training").includes(told));
    });
  }
});

Deno.test("with a number of templates, that many of the person's are used, the same ones always", () => {
  const random = stream(0, "few templates");
  for (const templates of [1, 3]) {
    const used = Array.from({ length: 6 }, () => new Set<number>());
    for (let i = 0; i < 60; i++) {
      const biography = writer.write(population, 4, { ...SHUFFLED, templates }, random);
      toldTemplates(biography, lists, tokenizer).forEach((told, a) => used[a]!.add(told));
    }
    used.forEach((told, attribute) => {
      const allowed = templatesOf(population, 4, attribute, "training");
      assertEquals(told.size, templates);
      assert([...told].every((template) => allowed.includes(template)));
    });
  }
});

Deno.test("more templates than a set has are all of them", () => {
  const random = stream(0, "too many");
  for (let i = 0; i < 20; i++) {
    const style = { set: "held-out", order: "fixed", templates: 5 } as const;
    assertEquals(orderOf(writer.write(population, i, style, random)).length, 6);
  }
});

Deno.test("the same stream writes the same biography, another one another", () => {
  const tell = (name: string) => writer.write(population, 3, SHUFFLED, stream(0, name)).tokens;
  assertEquals(tell("a"), tell("a"));
  assertNotEquals(tell("a"), tell("b"));
});

Deno.test("the longest biography is the longest template and value of each attribute", () => {
  const longest = lists.attributes.map(({ templates, values }) => {
    const tokens = (text: string) => tokenizer.encode(text).length;
    const [first, last] = [lists.first[0]!, lists.last[0]!];
    const named = templates.map((text) => text.replace("{name}", `${first} ${first} ${last}`));
    const short = values[0]!;
    return Math.max(...named.map((text) => tokens(text.replace("{value}", short)))) -
      tokens(short) + Math.max(...values.map(tokens));
  });
  assertEquals(writer.length.max, 2 + longest.reduce((a, b) => a + b, 0));
});

Deno.test("written lengths agree with the writer's mean, spread and maximum", () => {
  const lengths = write(5000).map(({ tokens }) => tokens.length);
  const mean = lengths.reduce((a, b) => a + b, 0) / lengths.length;
  const sd = Math.sqrt(lengths.reduce((sum, n) => sum + (n - mean) ** 2, 0) / lengths.length);
  assertAlmostEquals(mean, writer.length.mean, 0.02 * writer.length.mean);
  assertAlmostEquals(sd, writer.length.sd, 0.1 * writer.length.sd);
  assert(Math.max(...lengths) <= writer.length.max);
});

Deno.test("a question begins a sequence and names the person", () => {
  const { name } = personOf(population, 12);
  lists.attributes.forEach(({ questions }, attribute) => {
    questions.forEach((text, index) => {
      const tokens = question(population, tokenizer, { person: 12, attribute, index });
      assertEquals(tokens[0], BOS);
      assertEquals(tokenizer.decode(tokens), text.replace("{name}", name));
    });
  });
});

Deno.test("by the name alone: each sentence up to its value, after a begin mark", () => {
  const [biography] = write(1) as [Biography];
  const texts = byName(biography);
  assertEquals(texts.map(({ spans }) => spans[0]!.attribute).sort(), [0, 1, 2, 3, 4, 5]);
  const { values } = personOf(population, biography.person);
  for (const { tokens, spans: [value, ...others], person } of texts) {
    const { name } = lists.attributes[value!.attribute]!;
    assertEquals([person, others.length, value!.end], [biography.person, 0, tokens.length]);
    assertEquals(tokens[0], BOS);
    assertEquals(tokenizer.decode(tokens.slice(value!.start)), values[name]);
    assert(biography.tokens.join().includes(tokens.slice(1).join()));
  }
});
