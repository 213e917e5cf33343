// A run under watch: what moves between measurements, what speed and time left count.

import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { bundleOf, type NotebookKernel } from "../../lib/display/mod.ts";
import { palette, quickCurves } from "../../lib/figures/mod.ts";
import { type Run, type StepDone, train } from "../../lib/trainer/mod.ts";
import { watch } from "../../lib/views/mod.ts";

type Content = { data: Record<string, string>; transient: { display_id?: string } };

/** What a notebook gets while a run is watched. */
async function watched(run: Run): Promise<Content[]> {
  const sent: Content[] = [];
  const kernel: NotebookKernel = {
    broadcast: (_, content) => Promise.resolve(void sent.push(content as Content)),
  };
  await watch(run, { kernel, every: 20 });
  return sent;
}

const input = {
  scale: "smoke",
  people: 16,
  steps: 200,
  seed: 77,
  evaluation: { people: 8, measurements: 3, attention: 0 },
} as const;

Deno.test("between two measurements the picture moves by training losses", async () => {
  const run = train(input, { fresh: true });
  const sent = await watched(run);
  const frames = sent.map(({ data }) => data["image/svg+xml"]).filter((svg) => svg !== undefined);
  const different = new Set(frames).size;
  assert(different > 2 * run.measurements.length, `${different} pictures`);
  for (const frame of frames) assertStringIncludes(frame, "training loss, nats a token");
  const bars = sent.map(({ data }) => data["text/plain"]!).filter((text) => text.includes("█"));
  assert(bars.some((bar) => /steps\/s {2}.* left {2}training loss \d/.test(bar)), bars.at(-1));
  // One line and one figure stay, the figure interactive.
  assertEquals(new Set(sent.map(({ transient }) => transient.display_id)).size, 2);
  assert("application/vnd.plotly.v1+json" in sent.at(-1)!.data);
  run.dispose();
});

Deno.test("steps are told with their losses, and seconds without those of measuring", async () => {
  const run = train({ ...input, steps: 40, seed: 78 }, { fresh: true });
  const told: StepDone[] = [];
  run.onStep = (done) => told.push(done);
  const pause = 300;
  const started = performance.now();
  for await (const _ of run) await new Promise((go) => setTimeout(go, pause));
  const all = (performance.now() - started) / 1e3;
  assertEquals(told.map(({ step }) => step), Array.from({ length: 40 }, (_, i) => i + 1));
  assertEquals(new Set(told.map(({ steps }) => steps)), new Set([40]));
  const last = told.at(-1)!;
  assert(last.seconds > 0 && last.seconds < all - run.measurements.length * pause / 1e3);
  assert(told.every(({ seconds }, i) => i === 0 || seconds > told[i - 1]!.seconds));
  // The losses are those whose mean is in the record.
  const [, before, end] = run.measurements;
  const since = told.filter(({ step }) => step > before!.step).map(({ loss }) => loss);
  const mean = since.reduce((sum, loss) => sum + loss, 0) / since.length;
  assertAlmostEquals(mean, end!.trainingLoss!, 1e-3);
  run.dispose();
});

Deno.test("quick curves leave out what is not finite, and take words letter by letter", async () => {
  const points = [[1, 8], [10, NaN], [100, 4]] as const;
  const svg = (await bundleOf(quickCurves({
    x: { title: "steps < all", range: [1, 1000] },
    panels: [{ title: "<loss>", lines: [{ name: "", color: palette.blue, points }] }],
    alt: "falls",
  })))["image/svg+xml"] as string;
  assertEquals(/points="([^"]*)"/.exec(svg)![1]!.split(" ").length, 2);
  assertStringIncludes(svg, "steps &lt; all");
  assert(!svg.includes("NaN") && !svg.includes("<loss>"));
});
