import { assertEquals } from "@std/assert";
import { TARGETS, tryInput } from "./fuzz.ts";

/** Seeds that once found something, kept as cases: [target, seed]. */
const FOUND: [string, number][] = [
  ["configurations", 14],
  ["configurations", 140],
];

/** Inputs of each kind that the gate tries. */
const BUDGET = 400;

for (const target of TARGETS) {
  Deno.test(`hostile ${target.name} are refused or make sense`, async () => {
    const seeds = [
      ...FOUND.filter(([name]) => name === target.name).map(([, seed]) => seed),
      ...Array.from({ length: BUDGET }, (_, seed) => seed),
    ];
    const failures = [];
    for (const seed of seeds) failures.push(await tryInput(target, seed));
    assertEquals(failures.filter((failure) => failure !== undefined), []);
  });
}

Deno.test("the fuzzer notices a reader that accepts everything, and one that crashes", async () => {
  const target = TARGETS[0]!;
  const careless = { ...target, read: () => target.read(new Uint8Array([1])) };
  assertEquals(await tryInput(careless, 0), undefined);
  const crashing = {
    ...target,
    read: () => {
      throw new RangeError("Invalid array length");
    },
  };
  assertEquals((await tryInput(crashing, 0))?.why, "Invalid array length");
});
