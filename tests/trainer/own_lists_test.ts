// Runs made of a folder of one's own lists: named by what these hold, asked and gone on from like
// any, and never taken for runs of other lists.

import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { DATA } from "../../lib/generator/mod.ts";
import { configure, exportModel, identity, openModel, train } from "../../lib/trainer/mod.ts";
import { edit, withCopiedData } from "../generator/copied_data.ts";

const input = {
  scale: "smoke",
  people: 16,
  steps: 12,
  seed: 501,
  evaluation: { people: 8, measurements: 2, attention: 0 },
} as const;

Deno.test("factlab's own lists in another folder are the same run, others are another", () => {
  const plain = identity(configure(input));
  assertEquals(train(input, { lists: DATA }).hash, plain);
  withCopiedData((folder) => {
    assertEquals(train(input, { lists: folder }).hash, plain);
    edit(folder, "values/majors.txt", ([first, ...rest]) => [`Very${first}`, ...rest]);
    const own = train(input, { lists: folder });
    assertNotEquals(own.hash, plain);
    assertEquals(own.corpus.lists.attributes[3]!.values[0]!.startsWith("Very"), true);
    // What is read back from a record is the same run.
    assertEquals(train(own.configuration, { lists: folder }).hash, own.hash);
    assertThrows(
      () => train({ ...input, lists: null }, { lists: folder }),
      Error,
      "Leave lists out of the configuration",
    );
  });
  assertThrows(() => train({ ...input, lists: "0123456789ab" }), Error, "Pass it, as in train(");
  assertThrows(() => configure({ lists: "data/" }), Error, "lists must");
});

Deno.test("a run of own lists is trained, exported, opened and gone on from", async () => {
  const path = Deno.makeTempDirSync({ prefix: "factlab_lists_" });
  const [lists, model] = ["lists/", "model/"].map((part) => new URL(`file://${path}/${part}`));
  Deno.mkdirSync(new URL("values/", lists), { recursive: true });
  const companies = Array.from({ length: 8 }, (_, i) => `Guild of ${"ABCDEFGH"[i]}`);
  Deno.writeTextFileSync(new URL("values/companies.txt", lists), companies.join("\n") + "\n");
  const run = train(input, { lists, fresh: true, checkpoints: [input.steps] });
  for await (const _ of run);
  const { truth } = run.answer(0).at(4)!;
  assertEquals(truth.startsWith("Guild of "), true);
  const score = run.score(truth).total;
  await exportModel(run, model!);
  run.dispose();

  const opened = await openModel(model!, { lists });
  assertEquals(opened.hash, run.hash);
  assertEquals(Math.abs(opened.score(truth).total - score) < 1e-3, true);
  opened.dispose();

  const start = { run: run.configuration, step: input.steps };
  const tuned = train({ ...input, steps: 16, start }, { lists, fresh: true });
  for await (const _ of tuned);
  assertEquals(tuned.finished, true);
  tuned.dispose();
  // With other lists its words would be others.
  assertThrows(() => train({ ...input, steps: 16, start }), Error, "start.run.lists must be null");
  await assertRejects(() => openModel(new URL("nowhere/", model), { lists }), Error);
  Deno.removeSync(path, { recursive: true });
});
