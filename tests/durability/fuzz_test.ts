import { assertEquals, assertMatch } from "@std/assert";
import { TARGETS, tryInput } from "./fuzz.ts";

/** Seeds that once found something, kept as cases: [target, seed]. */
const FOUND: [string, number][] = [
  ["configurations", 14],
  ["configurations", 140],
];

/** Inputs of each kind that the gate tries, fewer where one takes long. */
const BUDGET = 400;

for (const target of TARGETS) {
  Deno.test(`hostile ${target.name} are refused or make sense`, async () => {
    const seeds = [
      ...FOUND.filter(([name]) => name === target.name).map(([, seed]) => seed),
      ...Array.from({ length: BUDGET / (target.cost ?? 1) }, (_, seed) => seed),
    ];
    const failures = [];
    for (const seed of seeds) failures.push(await tryInput(target, seed));
    assertEquals(failures.filter((failure) => failure !== undefined), []);
  });
}

Deno.test("a refusal is no failure; a crash, a long error and a slow answer are", async () => {
  const why = async (read: () => void | Promise<void>) =>
    (await tryInput({ ...TARGETS[0]!, refusal: "Cannot read", read }, 0))?.why;
  const fails = (message: string) => () => {
    throw new RangeError(message);
  };
  assertEquals(await why(() => {}), undefined);
  assertEquals(await why(fails("Cannot read x")), undefined);
  assertEquals(await why(fails("Invalid array length")), "Invalid array length");
  assertEquals(await why(fails("Cannot read " + "x".repeat(5000))), "an error of 5012 characters");
  assertMatch((await why(() => new Promise((go) => setTimeout(go, 2100))))!, /^took \d+ ms$/);
});
