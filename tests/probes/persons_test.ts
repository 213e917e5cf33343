// People one by one: the same values that all of them are scored by together.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { openTensorFlow } from "../../lib/engine/mod.ts";
import { byName, evaluationSets } from "../../lib/generator/mod.ts";
import { train } from "../../lib/trainer/mod.ts";

await openTensorFlow();

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;

Deno.test("a person's values are scored by the name alone, in the order of the set", async () => {
  const evaluation = { persons: 5, groups: [0, 20], attention: 2, measurements: 6 };
  const run = train(
    { scale: "smoke", seed: 7, steps: 30, precision: "fp32", evaluation },
    { fresh: true },
  );
  for await (const _ of run);
  const { measurements, corpus } = run;
  const read = measurements.filter(({ persons }) => persons);
  assertEquals(read.length, measurements.filter(({ attention }) => attention).length);
  const last = read.at(-1)!.persons!;
  assertEquals(Object.keys(last), ["group 1", "group 2"]);
  for (const { name, biographies } of evaluationSets(corpus)) {
    const own = last[name];
    if (!own) continue;
    const chosen = biographies.slice(0, 5);
    assertEquals(own.person, chosen.map(({ person }) => person));
    // One person at a time, as a script would ask.
    chosen.forEach((biography, i) => {
      const losses = byName(biography).map((sentence) => {
        const [{ start, end }] = sentence.spans as [typeof sentence.spans[0]];
        const words = run.score(sentence).tokens.slice(start - 1, end - 1);
        return -words.reduce((sum, { logProbability }) => sum + logProbability, 0);
      });
      assertAlmostEquals(own.loss[i]!, mean(losses), 1e-3);
    });
    assert(own.right.every((count) => count <= 6));
    assert(own.confidence.every((share) => share > 0 && share < 1));
  }
  run.dispose();
});
