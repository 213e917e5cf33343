import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  createPopulation,
  createUnseen,
  loadLists,
  personOf,
  type Population,
  templatesOf,
} from "../../lib/generator/mod.ts";
import { assertDrawnFrom, assertUniform } from "./chi_square.ts";

const smoke = loadLists("smoke");
const laptop = loadLists("laptop");
const SETS = ["training", "held-out", "new"] as const;

function fullNames(population: Population): string[] {
  return Array.from({ length: population.size }, (_, i) => personOf(population, i).name);
}

function column(items: Int32Array, width: number, index: number): number[] {
  return [...items].filter((_, i) => i % width === index);
}

Deno.test("no two people share a full name", () => {
  // Drawn without looking, 4096 of 64 x 64 x 64 names would repeat about 32 times.
  const names = fullNames(createPopulation({ lists: laptop, people: 4096, seed: 0 }));
  assertEquals(new Set(names).size, 4096);
});

Deno.test("a person is a name of three parts and one value of each attribute's list", () => {
  const population = createPopulation({ lists: laptop, people: 64, seed: 0 });
  for (let i = 0; i < population.size; i++) {
    const { index, name, values } = personOf(population, i);
    assertEquals(index, i);
    const [first, middle, last, ...more] = name.split(" ");
    assert(laptop.first.includes(first!) && laptop.first.includes(middle!));
    assert(laptop.last.includes(last!) && more.length === 0);
    for (const attribute of laptop.attributes) {
      assert(attribute.values.includes(values[attribute.name]!));
    }
  }
});

Deno.test("each person and attribute has 20 training, 3 held-out and 2 new templates of the 25", () => {
  const population = createPopulation({ lists: laptop, people: 200, seed: 0 });
  const all = Array.from({ length: 25 }, (_, i) => i);
  for (let person = 0; person < population.size; person++) {
    for (let attribute = 0; attribute < 6; attribute++) {
      const parts = SETS.map((set) => [...templatesOf(population, person, attribute, set)]);
      assertEquals(parts.map((part) => part.length), [20, 3, 2]);
      assertEquals(parts.flat().sort((a, b) => a - b), all);
    }
  }
});

Deno.test("two templates of an attribute are held out from everybody, unseen people included", () => {
  const population = createPopulation({ lists: laptop, people: 300, seed: 2 });
  const unseen = createUnseen(population, { people: 50, seed: 2 });
  const held = (people: Population, person: number, attribute: number) =>
    [...templatesOf(people, person, attribute, "new")].sort();
  const firsts = Array.from({ length: 6 }, (_, attribute) => held(population, 0, attribute));
  assert(new Set(firsts.map(String)).size > 1);
  for (const people of [population, unseen]) {
    for (let person = 0; person < people.size; person++) {
      firsts.forEach((first, attribute) => assertEquals(held(people, person, attribute), first));
    }
  }
});

Deno.test("which two are held out from everybody depends on the seed", () => {
  const held = Array.from({ length: 4 }, (_, seed) => {
    const population = createPopulation({ lists: smoke, people: 1, seed });
    return smoke.attributes.map((_, a) => String(templatesOf(population, 0, a, "new").toSorted()));
  });
  assertEquals(new Set(held.map(String)).size, 4);
});

Deno.test("what is held out for one person trains others, each template equally often", () => {
  const population = createPopulation({ lists: laptop, people: 3000, seed: 0 });
  const common = [...templatesOf(population, 0, 3, "new")];
  const rest = Array.from({ length: 25 }, (_, i) => i).filter((i) => !common.includes(i));
  const heldOut: number[] = [];
  const first: number[] = [];
  for (let person = 0; person < population.size; person++) {
    heldOut.push(
      ...[...templatesOf(population, person, 3, "held-out")].map((t) => rest.indexOf(t)),
    );
    first.push(rest.indexOf(templatesOf(population, person, 3, "training")[0]!));
  }
  assertUniform(heldOut, 23);
  // A run with one template a person uses the first one: those must be spread as well.
  assertUniform(first, 23);
});

Deno.test("a larger population of the same seed begins with the same people", () => {
  const few = createPopulation({ lists: laptop, people: 50, seed: 5 });
  const many = createPopulation({ lists: laptop, people: 600, seed: 5 });
  assertEquals(many.names.slice(0, few.names.length), few.names);
  assertEquals(many.values.slice(0, few.values.length), few.values);
  assertEquals(many.templates.slice(0, few.templates.length), few.templates);
});

Deno.test("another seed gives other people", () => {
  const [a, b] = [0, 1].map((seed) => createPopulation({ lists: laptop, people: 50, seed }));
  assertNotEquals(a!.names, b!.names);
  assertNotEquals(a!.values, b!.values);
  assertNotEquals(a!.templates, b!.templates);
});

Deno.test("names and values are uniform over their lists", () => {
  const population = createPopulation({ lists: laptop, people: 4096, seed: 0 });
  for (let part = 0; part < 3; part++) assertUniform(column(population.names, 3, part), 64);
  laptop.attributes.forEach(({ values }, attribute) => {
    assertUniform(column(population.values, 6, attribute), values.length);
  });
});

Deno.test("attributes are independent of each other, of the name, and of the person before", () => {
  const population = createPopulation({ lists: smoke, people: 2000, seed: 0 });
  const values = Array.from({ length: 6 }, (_, a) => column(population.values, 6, a));
  const last = column(population.names, 3, 2);
  const independent = (a: number[], b: number[], [m, n]: [number, number]) => {
    const cells = new Array<number>(m * n).fill(0);
    a.forEach((own, i) => cells[own * n + b[i]!]!++);
    const rows = Array.from({ length: m }, (_, k) => a.filter((own) => own === k).length);
    const columns = Array.from({ length: n }, (_, k) => b.filter((own) => own === k).length);
    const expected = cells.map((_, i) => rows[Math.floor(i / n)]! * columns[i % n]! / a.length);
    assertDrawnFrom(cells, expected, (m - 1) * (n - 1));
  };
  values.forEach((own, a) => {
    for (const other of values.slice(a + 1)) independent(own, other, [6, 6]);
    independent(own, last, [6, 16]);
    independent(own.slice(1), own.slice(0, -1), [6, 6]);
  });
});

Deno.test("unseen people have new full names made of name parts known at the same place", () => {
  const population = createPopulation({ lists: laptop, people: 40, seed: 0 });
  const unseen = createUnseen(population, { people: 500, seed: 0 });
  assertEquals(unseen.size, 500);
  assertEquals(new Set([...fullNames(population), ...fullNames(unseen)]).size, 540);
  for (let part = 0; part < 3; part++) {
    const known = new Set(column(population.names, 3, part));
    assert(known.size < 64, "the test needs parts that do not occur");
    assert(column(unseen.names, 3, part).every((name) => known.has(name)));
  }
});

Deno.test("the first unseen people are the same however many more are drawn", () => {
  const population = createPopulation({ lists: laptop, people: 100, seed: 0 });
  const [few, many] = [40, 160].map((people) => createUnseen(population, { people, seed: 0 }));
  assertEquals(few!.names, many!.names.slice(0, 120));
  assertEquals(few!.values, many!.values.slice(0, few!.values.length));
  assertEquals(few!.templates, many!.templates.slice(0, few!.templates.length));
});

Deno.test("unseen people of another stream are other people", () => {
  const population = createPopulation({ lists: laptop, people: 100, seed: 0 });
  const draw = (name?: string) => createUnseen(population, { people: 20, seed: 0, name }).names;
  assertEquals(draw("unseen"), draw());
  assertNotEquals(draw("new people"), draw());
});

Deno.test("too many, too few, fractional and unclear numbers of people are refused", () => {
  // 16 x 16 x 16 full names, half of which may be used.
  assertEquals(createPopulation({ lists: smoke, people: 2048, seed: 0 }).size, 2048);
  for (const people of [2049, 0, -1, 2.5, NaN, Infinity]) {
    const error = assertThrows(
      () => createPopulation({ lists: smoke, people, seed: 0 }),
      Error,
      "Cannot draw a population",
    ) as Error;
    assert(error.message.includes("2048") && error.message.endsWith(`got ${people}.`));
  }
});

Deno.test("more unseen people than half of the new names are refused with the numbers", () => {
  const population = createPopulation({ lists: smoke, people: 4, seed: 0 });
  const error = assertThrows(
    () => createUnseen(population, { people: 64, seed: 0 }),
    Error,
    "Cannot draw 64 unseen people",
  ) as Error;
  assert(error.message.includes("4 people"));
});

Deno.test("unclear numbers of unseen people are refused", () => {
  const population = createPopulation({ lists: smoke, people: 32, seed: 0 });
  for (const people of [-1, 2.5, NaN]) {
    assertThrows(() => createUnseen(population, { people, seed: 0 }), Error, `${people}`);
  }
});

Deno.test("a person outside the population is refused", () => {
  const population = createPopulation({ lists: smoke, people: 32, seed: 0 });
  for (const index of [-1, 32, 1.5, NaN]) {
    assertThrows(() => personOf(population, index), Error, `person ${index}`);
  }
});
