import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { currentData, dataDigest, OWN_DATA } from "../../lib/generator/data_digest.ts";
import { loadLists, SCALES } from "../../lib/generator/mod.ts";
import { edit, withCopiedData } from "./copied_data.ts";

Deno.test("the lists in data/ are those that committed runs are made of", () => {
  for (const scale of SCALES) {
    assertMatch(OWN_DATA[scale], /^[0-9a-f]{12}$/);
    assertEquals(currentData({ scale }), OWN_DATA[scale], scale);
  }
});

/** Edits of a list, a template, a question, an answer, in the part that a laptop run takes. */
const EDITS: [string, (lines: string[]) => string[]][] = [
  ["names/first.txt", ([first, second, ...rest]) => [second!, first!, ...rest]],
  ["names/last.txt", ([, ...rest]) => ["Zzyzx", ...rest]],
  ["values/cities.txt", ([first, ...rest]) => [`${first}ville`, ...rest]],
  ["templates/major.txt", ([first, ...rest]) => [first!.replace("{name}", "{name} once"), ...rest]],
  ["templates/questions/major.txt", ([first, ...rest]) => [`Say: ${first}`, ...rest]],
  ["templates/answers.txt", ([first, ...rest]) => [`Well, ${first}`, ...rest]],
  ["templates/refusals.txt", ([first, ...rest]) => [`${first} Sorry.`, ...rest]],
];

for (const [file, change] of EDITS) {
  Deno.test(`another item in ${file} is other data`, () =>
    withCopiedData((folder) => {
      assertEquals(dataDigest(loadLists("laptop", { folder })), OWN_DATA.laptop);
      edit(folder, file, change);
      assertNotEquals(dataDigest(loadLists("laptop", { folder })), OWN_DATA.laptop);
    }));
}

Deno.test("what a scale does not take, and labels, change nothing", () =>
  withCopiedData((folder) => {
    edit(folder, "values/cities.txt", (lines) => [...lines, "Beyondville"]);
    edit(
      folder,
      "attributes.json",
      (lines) => lines.map((line) => line.replace('"label": "', '"label": "the ')),
    );
    assertEquals(dataDigest(loadLists("laptop", { folder })), OWN_DATA.laptop);
    assertEquals(loadLists("laptop", { folder }).attributes[0]!.label.startsWith("the "), true);
  }));
