import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fetchPlugin } from "../../tools/plugin.ts";
import { folderOf, killTest, startWorker } from "./victim.ts";

Deno.test("killed 12 times at random instants, a run ends as if nothing had happened", async () => {
  const { kills, equal } = await killTest({ seed: 30, kills: 12 });
  assertEquals(kills, 12);
  assert(equal, "record or state differs from the uninterrupted run's");
});

Deno.test("on a device, too, a run that is killed ends as if nothing had happened", async () => {
  const device = { FACTLAB_DEVICE: "gpu", FACTLAB_PJRT: await fetchPlugin() };
  const { kills, equal } = await killTest({ seed: 33, kills: 3, device });
  assertEquals(kills, 3);
  assert(equal, "record or state differs from the uninterrupted run's");
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`${signal} ends training in order, and the run can go on`, async () => {
    const seed = signal === "SIGTERM" ? 31 : 32;
    await Deno.remove(folderOf(seed), { recursive: true }).catch(() => {});
    try {
      const { child, trains, output, errors } = startWorker(seed);
      assert(await trains);
      child.kill(signal);
      assertEquals((await child.status).code, 0);
      assertStringIncludes(await output, "stopped");
      assertStringIncludes(await errors, "Stopping after this step");
      const names = [...Deno.readDirSync(folderOf(seed))].map(({ name }) => name).sort().join();
      assertMatch(names, /^checkpoint-\d+\.safetensors.*,lock,log\.jsonl,record\.part\.jsonl$/);
    } finally {
      await Deno.remove(folderOf(seed), { recursive: true });
    }
  });
}

Deno.test("a second process is refused with the first's number and start", async () => {
  const seed = 33;
  await Deno.remove(folderOf(seed), { recursive: true }).catch(() => {});
  const first = startWorker(seed);
  try {
    await first.trains;
    const second = startWorker(seed);
    const { code } = await second.child.status;
    assert(code !== 0);
    assertStringIncludes(await second.errors, `process ${first.child.pid} has been training`);
    await second.output;
  } finally {
    first.child.kill("SIGKILL");
    await first.child.status;
    await Promise.all([first.output, first.errors]);
    await Deno.remove(folderOf(seed), { recursive: true });
  }
});
