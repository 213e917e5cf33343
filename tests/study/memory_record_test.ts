// A toy memory's record has the name that its header gives: what made it is written exactly.

import { assert, assertEquals } from "@std/assert";
import { MEMORY, type MemoryConfiguration, memoryHash, trainMemory } from "../../lib/study/mod.ts";
import {
  LOCAL,
  lockFolder,
  parseRecord,
  readRecord,
  type RunRecord,
} from "../../lib/trainer/mod.ts";

const COMMITTED = new URL("../../data/runs/", import.meta.url);

/** The hash of what a record's header says was trained; undefined for a run of the trainer. */
function hashOf({ header }: RunRecord): string | undefined {
  const { scale, ...memory } = header.configuration as unknown as
    & MemoryConfiguration
    & { scale: string };
  return scale === "memory" ? memoryHash({ memory }) : undefined;
}

Deno.test("every committed toy memory has the hash it is filed under", () => {
  let count = 0;
  for (const { name } of Deno.readDirSync(COMMITTED)) {
    const hash = hashOf(parseRecord(Deno.readTextFileSync(new URL(name, COMMITTED)), name));
    if (hash === undefined) continue;
    assertEquals(`${hash}.jsonl`, name);
    count++;
  }
  assert(count >= 40, `${count} memories`);
});

Deno.test("a memory that another is training is waited for, and trained once", async () => {
  const memory = {
    ...MEMORY,
    pairs: 64,
    seed: 9,
    pretraining: { steps: 5, lr: 0.03 },
    tuning: { ...MEMORY.tuning, pairs: 8, steps: 2 },
  };
  const folder = new URL(`${memoryHash({ memory })}/`, LOCAL);
  try {
    const [one, other] = await Promise.all([trainMemory({ memory }), trainMemory({ memory })]);
    assertEquals(other, one);
    const file = new URL("record.jsonl", folder);
    // Taken from a record that the first has put there meanwhile: what is there is not written again.
    const lock = lockFolder(folder);
    const third = trainMemory({ memory });
    const marked = Deno.readTextFileSync(file).replace('"accuracy":', '"accuracy": ');
    Deno.writeTextFileSync(file, marked);
    lock[Symbol.dispose]();
    assertEquals(await third, one);
    assertEquals(Deno.readTextFileSync(file), marked);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a memory's header is exact, whatever its numbers", async () => {
  const { header } = await trainMemory({
    memory: {
      ...MEMORY,
      pairs: 64,
      pretraining: { steps: 5, lr: 0.03 },
      tuning: { ...MEMORY.tuning, pairs: 8, steps: 2, weight: 1 / 512, lr: 0.001_234_567 },
    },
  });
  const { record, file } = readRecord(header.hash, "own")!;
  try {
    assertEquals(hashOf(record), header.hash);
  } finally {
    Deno.removeSync(new URL(".", file), { recursive: true });
  }
});
