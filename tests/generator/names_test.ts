// How many names people are drawn from: they alone depend on it, the vocabulary does not.

import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { dataDigest, OWN_DATA } from "../../lib/generator/data_digest.ts";
import {
  type CorpusOptions,
  createCorpus,
  createPopulation,
  createTokenizer,
  currentData,
  LEAST_NAMES,
  leastNames,
  loadLists,
  MOST_NAMES,
  ownData,
  type Population,
  SCALES,
  uniform,
} from "../../lib/generator/mod.ts";
import { edit, withCopiedData } from "./copied_data.ts";

const MOST = MOST_NAMES.laptop;

function corpusOf(options: Partial<CorpusOptions>) {
  return createCorpus({
    scale: "laptop",
    seed: 0,
    people: 600,
    schedule: [{ people: uniform() }],
    order: "shuffled",
    evaluate: 200,
    ...options,
  });
}

/** The largest index of a name. */
const largest = ({ names }: Population) => Math.max(...names);

Deno.test("any number of names gives the head of each list, as long as the scale allows", () => {
  for (const scale of SCALES) {
    const most = MOST_NAMES[scale];
    const lists = loadLists(scale, { names: most });
    assertEquals(loadLists(scale, { names: LEAST_NAMES }), lists);
    assertEquals([lists.first.length, lists.last.length], [most, most]);
    const { first, last, ...rest } = loadLists("paper");
    assertEquals([lists.first, lists.last], [first.slice(0, most), last.slice(0, most)]);
    assert(rest.attributes.length > 0);
    const own = loadLists(scale, { names: null });
    assertEquals(own, loadLists(scale));
    assertEquals({ ...lists, first: own.first, last: own.last }, own);
  }
});

Deno.test("the vocabulary is the same for each number of names, and another for none", () => {
  const tokens = (names: number | null) => corpusOf({ names }).tokenizer.tokens;
  assertEquals(tokens(12), tokens(MOST));
  assertEquals(tokens(null), createTokenizer(loadLists("laptop")).tokens);
  assertEquals(tokens(12).length, tokens(null).length + 2 * (MOST - 64));
  const rows = SCALES.map((scale) =>
    createTokenizer(loadLists(scale, { names: LEAST_NAMES })).vocabularySize
  );
  assertEquals(rows, [448, 1152, 4096]);
});

Deno.test("people and unseen people have the first names of each list, and all of these", () => {
  for (const names of [12, 64, 100, MOST]) {
    const { population, unseen } = corpusOf({ names });
    assertEquals(largest(population), names - 1);
    assert(largest(unseen) < names);
    if (names === 12) assertEquals(largest(unseen), names - 1);
  }
});

Deno.test("as many names as the scale has on its own are the same people in other tokens", () => {
  const [own, said] = [null, 64].map((names) => corpusOf({ names }));
  assertEquals(said!.population.names, own!.population.names);
  assertEquals(said!.population.values, own!.population.values);
  assertEquals(said!.unseen.names, own!.unseen.names);
  assertNotEquals(corpusOf({ names: 65 }).population.names, own!.population.names);
});

Deno.test("names that lists do not have, and people that names do not make, are refused", () => {
  const lists = loadLists("laptop", { names: MOST });
  const draw = (names: number, people = 200) => createPopulation({ lists, people, seed: 0, names });
  for (const names of [LEAST_NAMES - 1, MOST + 1, 8.5, NaN, -8]) {
    for (const part of ["names", `${LEAST_NAMES} to ${MOST}`, `got ${names}.`]) {
      assertThrows(() => draw(names), Error, part);
    }
  }
  // Half of 8 x 8 x 8 full names.
  assertEquals(draw(8, 256).size, 256);
  for (const part of ["256", "8 names a list", "got 257."]) {
    assertThrows(() => draw(8, 257), Error, part);
  }
});

Deno.test("the fewest names are enough, and one less is not", () => {
  assertEquals(leastNames({ people: 32, unseen: 32 }), LEAST_NAMES);
  for (const [people, unseen] of [[512, 128], [2000, 2000], [600, 3000]] as const) {
    const names = leastNames({ people, unseen });
    assertEquals(corpusOf({ people, evaluate: unseen, names }).unseen.size, unseen);
    assertThrows(() => corpusOf({ people, evaluate: unseen, names: names - 1 }), Error, "names");
  }
});

Deno.test("lists with the most names are known by a digest of their own", () => {
  for (const scale of SCALES) {
    assertEquals(ownData({ scale }), OWN_DATA[scale]);
    assertEquals(ownData({ scale, names: null }), OWN_DATA[scale]);
    const [few, many] = [LEAST_NAMES, MOST_NAMES[scale]].map((names) => ({ scale, names }));
    assertNotEquals(ownData(few!), OWN_DATA[scale]);
    assertEquals(ownData(few!), ownData(many!));
    for (const which of [few!, many!]) assertEquals(currentData(which), ownData(which));
    assertEquals(currentData({ scale }), OWN_DATA[scale]);
  }
});

Deno.test("a name beyond the scale's own is other data where names are said, and there alone", () =>
  withCopiedData((folder) => {
    edit(folder, "names/last.txt", (lines) => lines.with(MOST - 1, "Zzyzx"));
    const digest = (names: number | null) => dataDigest(loadLists("laptop", { names, folder }));
    assertEquals(digest(null), OWN_DATA.laptop);
    assertNotEquals(digest(8), ownData({ scale: "laptop", names: 8 }));
  }));
