// A folder of one's own lists: what it lacks is factlab's, values may go with others, and some
// people's may be left untold.

import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  createPopulation,
  createTokenizer,
  createWriter,
  DATA,
  listsOf,
  loadLists,
  openLists,
  stream,
} from "../../lib/generator/mod.ts";

const lines = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i) + "\n").join("");

type Entry = Record<string, unknown>;

/** A folder with a guild and a seat that goes with it, and nothing else. */
function withFolder(seat: Entry, use: (folder: URL) => void): void {
  const path = Deno.makeTempDirSync({ prefix: "factlab_own_" });
  try {
    const write = (name: string, text: string) => {
      Deno.mkdirSync(`${path}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
      Deno.writeTextFileSync(`${path}/${name}`, text);
    };
    const entry = (name: string, more: Entry) => ({
      ...{ name, label: name, values: name, ...more },
    });
    write("attributes.json", JSON.stringify([entry("guild", {}), entry("seat", seat)]));
    for (const [name, count] of [["guild", 6], ["seat", 3]] as const) {
      write(`values/${name}.txt`, lines(count, (i) => `${name}${"abcdef"[i]}`));
      write(
        `templates/${name}.txt`,
        lines(25, (i) => `{name} has ${"very ".repeat(i)}much of a ${name} in {value}.`),
      );
      write(
        `templates/questions/${name}.txt`,
        lines(5, (i) => `Which ${"very ".repeat(i)}${name} has {name}?`),
      );
    }
    use(new URL(`file://${path}`)); // Without a slash, as people write it.
  } finally {
    Deno.removeSync(path, { recursive: true });
  }
}

const scale = "smoke";

/** A population of the folder's lists, with the share of people whose seat goes with their guild. */
function drawn(folder: URL, people = 400) {
  const digest = openLists(folder, { scale });
  const lists = listsOf({ scale, lists: digest });
  const population = createPopulation({ lists, people, seed: 3 });
  const pairs = Array.from(
    { length: people },
    (_, i) => population.values.subarray(2 * i, 2 * i + 2),
  );
  const share = pairs.filter(([guild, seat]) => guild! % 3 === seat).length / people;
  return { digest, lists, population, share };
}

Deno.test("what a folder lacks is factlab's own, and a copy of factlab's own is no other", () => {
  withFolder({}, (folder) => {
    const { lists, digest } = drawn(folder);
    assertEquals(lists.attributes.map(({ name, values }) => [name, values.length]), [
      ["guild", 6],
      ["seat", 3],
    ]);
    assertEquals(lists.first, loadLists(scale).first);
    assertEquals(lists.refusals, loadLists(scale).refusals);
    assert(/^[0-9a-f]{12}$/.test(digest!));
  });
  assertEquals(openLists(DATA, { scale }), null);
  assertThrows(() => listsOf({ scale, lists: "0123456789ab" }), Error, "Pass it, as in train(");
});

Deno.test("a value goes with another, always or in a share of people", () => {
  const given = { attribute: "guild" };
  const digests = new Set<string | null>();
  for (
    const [seat, low, high] of [
      [{}, 0.25, 0.42], // a third by chance
      [{ given }, 1, 1],
      [{ given: { ...given, share: 0.7 } }, 0.74, 0.86], // and a third of the others by chance
    ] as const
  ) {
    withFolder(seat, (folder) => {
      const { share, digest } = drawn(folder);
      assert(share >= low && share <= high, `${JSON.stringify(seat)}: ${share}`);
      digests.add(digest);
    });
  }
  assertEquals(digests.size, 3, "runs of each are other runs");
});

Deno.test("what training does not tell of some people is told where they are evaluated", () => {
  withFolder({ told: 0.5 }, (folder) => {
    const { lists, population } = drawn(folder);
    const writer = createWriter(lists, createTokenizer(lists));
    const told = (person: number, set: "training" | "held-out") =>
      writer.write(population, person, { set, order: "shuffled" }, stream(0, "test", person)).spans
        .filter(({ kind }) => kind === "value").map(({ attribute }) => attribute).sort().join();
    const people = Array.from({ length: population.size }, (_, i) => i);
    const untold = people.filter((person) => population.untold![2 * person + 1]);
    assert(Math.abs(untold.length / population.size - 0.5) < 0.1, `${untold.length} untold`);
    for (const person of people) {
      assertEquals(told(person, "training"), untold.includes(person) ? "0" : "0,1");
      assertEquals(told(person, "held-out"), "0,1");
    }
  });
  assertEquals(createPopulation({ lists: loadLists(scale), people: 4, seed: 0 }).untold, undefined);
});

Deno.test("lists that cannot be are refused by file, field and folder", () => {
  const refused = (seat: Entry, part: string) =>
    withFolder(seat, (folder) => {
      const told = assertThrows(() => openLists(folder, { scale }), Error).message;
      assert(told.includes(part) && told.includes(decodeURI(folder.pathname)), told);
    });
  refused(
    { given: { attribute: "town" } },
    "given.attribute must be one of those before it (guild)",
  );
  refused({ given: { attribute: "seat" } }, "must be one of those before it");
  refused({ given: { attribute: "guild", share: 0 } }, "given.share must be above 0");
  refused({ told: 1.5 }, "told must be at most 1");
  refused({ values: "nowhere" }, "values/nowhere.txt");
  withFolder({}, (folder) => {
    const before = drawn(folder).digest;
    Deno.writeTextFileSync(new URL(`${folder.href}/values/seat.txt`), "seata\nseatb\nseatz\n");
    assertNotEquals(drawn(folder).digest, before);
  });
});
