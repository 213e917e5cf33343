// Help says what the sources say: of functions, of types, and of every key of a configuration.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { configure } from "../../lib/trainer/mod.ts";
import { help } from "../../lib/views/mod.ts";

/** Dotted names of all fields, of parts and of what is in them. */
function keysOf(value: object, path = ""): string[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const isPart = ["model", "tuning", "optimizer", "evaluation"].includes(key) && path === "";
    return [path + key, ...(isPart ? keysOf(inner, `${key}.`) : [])];
  });
}

Deno.test("every key of a run's configuration is there, with its type, value and meaning", async () => {
  const { text } = await help("RunInput");
  const rows = text.split("\n").map((line) => line.split(/ {2,}/));
  for (const key of keysOf(configure())) {
    const row = rows.find(([own]) => own === key);
    assert(row, `${key} is missing`);
    const isPart = ["model", "tuning", "optimizer", "evaluation"].includes(key);
    assert(isPart || row.length === 4 && row.every((cell) => cell !== ""), row.join(" | "));
  }
  assertEquals(rows.find(([key]) => key === "optimizer.lr")?.slice(1, 3), ["number", "0.0007"]);
});

Deno.test("a function is told with its parameters, other types with their keys", async () => {
  const train = (await help("train")).text;
  assertStringIncludes(train, "train(input: RunInput, options?: TrainOptions): Run");
  assertStringIncludes(train, "goes on with it where it was stopped");
  assertStringIncludes((await help("TrainOptions")).text, "checkpointSeconds");
  assertStringIncludes((await help("Run")).text, "ablate");
  const { message } = await assertRejects(() => help("trains"), Error);
  assertStringIncludes(
    message,
    `must be one that factlab exports, got "trains" (did you mean train?)`,
  );
});
