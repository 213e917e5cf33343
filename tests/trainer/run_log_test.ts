// When, where and by which code a run was trained; beside its record, never in it.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { openTensorFlow } from "../../lib/engine/mod.ts";
import { configure, runFolder, type RunInput, sittings, train } from "../../lib/trainer/mod.ts";

await openTensorFlow();

const input: RunInput = { scale: "smoke", seed: 9520, people: 16, steps: 20 };
const folder = runFolder(configure(input));

Deno.test("each sitting is told with its steps, seconds, commit and device", async () => {
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  assertEquals(sittings(folder), []);
  const controller = new AbortController();
  const first = train(input, { signal: controller.signal, fresh: false });
  first.onStep = ({ step }) => step === 7 && controller.abort();
  for await (const _ of first);
  first.dispose();
  const second = train(input, { fresh: false });
  for await (const _ of second);
  second.dispose();
  const told = sittings(folder);
  assertEquals(told.map(({ from, to }) => [from, to]), [[0, 7], [7, 20]]);
  for (const { began, seconds, device, environment, commit } of told) {
    assert(Math.abs(Date.now() - Date.parse(began)) < 6e5, began);
    assert(seconds! >= 0 && seconds! < 600);
    assertEquals(device, "cpu");
    assertEquals(environment.deno, Deno.version.deno);
    // A checkout has one; a package has none.
    if (commit !== undefined) assertMatch(commit, /^[0-9a-f]{40}$/);
  }
  const record = Deno.readTextFileSync(new URL("record.jsonl", folder));
  assert(!record.includes(told[0]!.began));
});

Deno.test("a line that is cut off, or a sitting that was killed, leaves the others readable", () => {
  const file = new URL("log.jsonl", folder);
  const text = Deno.readTextFileSync(file);
  const killed = '{"began":"2026-01-01T00:00:00.000Z","from":20}';
  Deno.writeTextFileSync(
    file,
    `${text}{"began":"20\n${killed}\nnull\n{"began":"2026-02","to":9}\n{"to":2`,
  );
  assertEquals(sittings(folder).map(({ from, to }) => [from, to]), [[0, 7], [7, 20], [
    20,
    undefined,
  ]]);
});
