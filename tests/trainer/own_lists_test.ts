// Runs made of a folder of one's own lists: named by what these hold, asked and gone on from like
// any, and never taken for runs of other lists.

import { assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { DATA } from "../../lib/generator/mod.ts";
import { planSweep, sweep } from "../../lib/sweep/mod.ts";
import {
  configure,
  exportModel,
  identity,
  openModel,
  type Run,
  train,
} from "../../lib/trainer/mod.ts";
import { answersOf } from "../../lib/trainer/answer.ts";
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

/** Calls a test with a folder of lists that has companies alone. */
async function withCompanies(
  companies: readonly string[],
  test: (lists: URL) => void | Promise<void>,
): Promise<void> {
  const lists = new URL(`file://${Deno.makeTempDirSync({ prefix: "factlab_lists_" })}/`);
  Deno.mkdirSync(new URL("values/", lists), { recursive: true });
  Deno.writeTextFileSync(new URL("values/companies.txt", lists), companies.join("\n") + "\n");
  try {
    await test(lists);
  } finally {
    Deno.removeSync(lists, { recursive: true });
  }
}

Deno.test("a value that holds the mark of a sentence's end is told whole", () => {
  const companies = [..."ABCDEFGH"].map((letter) => `St. Ives ${letter}`);
  return withCompanies(companies, (lists) => {
    const run = train({ ...input, seed: 502 }, { lists });
    const { tokenizer } = run.corpus;
    /** The answer about a company where the model goes on with these words. */
    const answer = (words: string) => {
      const tokens = tokenizer.encode(words);
      const completion: Run["completion"] = (_, { stop = undefined } = {}) => {
        const end = tokens.findIndex((token) => tokenizer.decode([token]) === stop);
        const said = end < 0 ? tokens : tokens.slice(0, end + 1);
        return { text: tokenizer.decode(said), tokens: said, probabilities: said.map(() => 0.5) };
      };
      return answersOf(Object.assign(Object.create(run), { completion }), 0)[4]!;
    };
    const { truth } = answer("St. Ives A. James");
    const other = companies.find((company) => company !== truth)!;
    const right = answer(`${truth}. James`);
    assertEquals([right.said, right.right, right.sure], [truth, true, 0.5 ** 4]);
    assertEquals(right.sentence, `${right.prompt} ${truth}.`);
    const wrong = answer(`${other}. James`);
    assertEquals([wrong.said, wrong.right], [other, false]);
    assertEquals(answer("St. Ives").right, false);
  });
});

Deno.test("a sweep's processes open the lists that runs are made of; others are refused before", () => {
  const companies = [..."ABCDEFGH"].map((letter) => `Guild ${letter}`);
  return withCompanies(companies, async (lists) => {
    const { configuration } = train({ ...input, seed: 503, steps: 2 }, { lists });
    const [run] = await sweep([configuration], { fresh: true });
    assertEquals([run!.state, run!.why], ["trained", undefined]);
    assertThrows(
      () => planSweep([{ ...configuration, lists: "0123456789ab" }]),
      Error,
      "or call openLists(folder",
    );
  });
});

Deno.test("questions are not taught where the only one is kept from training", () => {
  withCopiedData((folder) => {
    edit(folder, "templates/questions/major.txt", ([first]) => [first!]);
    const taught = { ...input, seed: 504, tuning: { text: "questions" } } as const;
    assertThrows(
      () => train(taught, { lists: folder }),
      Error,
      "templates/questions/major.txt must hold at least 2",
    );
    train({ ...input, seed: 504 }, { lists: folder });
  });
});
