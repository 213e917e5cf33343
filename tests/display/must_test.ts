// What schemas ask for in the words of all refusals, and the name that was meant.

import { assert, assertEquals } from "@std/assert";
import { z } from "zod";
import { didYouMean, must, nearest, problemsOf, shown } from "../../lib/display/mod.ts";

Deno.test("a slip of the hand finds its name, another word none", () => {
  const names = ["seed", "csv", "lr", "three-phases", "population-size"];
  const meant = { sede: "seed", cvs: "csv", rl: undefined, "three-phase": "three-phases" };
  for (const [given, name] of Object.entries(meant)) assertEquals(nearest(given, names), name);
  assertEquals(nearest("populationsize", names), "population-size");
  assertEquals([nearest("epochs", names), nearest("seed", [])], [undefined, undefined]);
  assertEquals(didYouMean("sede", names), " (did you mean seed?)");
  assertEquals(didYouMean("epochs", names) + didYouMean(7, names), "");
});

const kind = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("groups") }),
  z.strictObject({ kind: z.literal("power-law") }),
]);
const said: [z.ZodType, unknown, string][] = [
  [z.int(), 7.5, "must be a whole number"],
  [z.number(), NaN, "must be a finite number"],
  [z.number(), "7", "must be a finite number"],
  [z.number().min(0), -1, "must be at least 0"],
  [z.number().positive(), 0, "must be above 0"],
  [z.number().max(1), 1.5, "must be at most 1"],
  [z.number().lt(1), 1, "must be below 1"],
  [z.number().multipleOf(8), 12, "must be a multiple of 8"],
  [z.array(z.int()).min(1), [], "must have at least 1 entry"],
  [z.string().min(2), "a", "must have at least 2 characters"],
  [z.string().regex(/^a/), "b", "must match /^a/"],
  [z.literal("kept"), "lost", "must be kept"],
  [z.enum(["shuffled", "fixed"]), "fixd", "must be one of shuffled, fixed (did you mean fixed?)"],
  [kind, { kind: "power" }, "must be one of groups, power-law"],
  [kind, { kind: "group" }, "must be one of groups, power-law (did you mean groups?)"],
  [z.union([z.string(), z.null()]), 5, "must be a text or null"],
  [z.strictObject({}), 5, "must be an object"],
  [z.boolean(), 1, "must be true or false"],
];
for (const [schema, value, message] of said) {
  Deno.test(`${shown(value)} ${message}`, () => {
    const { error } = schema.safeParse(value, { error: must });
    assertEquals(error?.issues.map((issue) => issue.message), [message]);
  });
}

Deno.test("problems name field and value, and the field that was meant, here or elsewhere", () => {
  const schema = z.strictObject({ model: z.strictObject({ width: z.int() }), lr: z.number() });
  const fields = ["model.width", "lr"];
  const problems = (input: unknown) =>
    problemsOf(schema.safeParse(input, { error: must }).error!.issues, input, fields);
  assertEquals(problems({ model: { width: 0.5, widht: 2 }, lr: "x", width: 3 }), [
    "model.width must be a whole number, got 0.5",
    "model.widht is not a field (did you mean model.width?)",
    'lr must be a finite number, got "x"',
    "width is not a field (did you mean model.width?)",
  ]);
  assertEquals(problems(5), ["configuration must be an object, got 5"]);
});

Deno.test("a value that has no JSON is shown all the same", () => {
  const cycle: Record<string, unknown> = {};
  cycle.own = cycle;
  assertEquals(shown(5000n), "5000n");
  assert(shown(cycle).includes("Circular"), shown(cycle));
});
