// What is said and shaded of a run follows what is there.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { configure, type Measurement, type Run } from "../../lib/trainer/mod.ts";
import { phasesFigure, phaseSpans } from "../../lib/views/mod.ts";

const floor = { loss: 4, attributes: [4], accuracy: 0, unseen: 4 };

/** A run of [step, loss, accuracy, loss on unseen people]. */
function run(...points: [number, number, number, number][]): Run {
  const measurements = points.map(([step, loss, accuracy, unseen]): Measurement => {
    const set = { loss, accuracy, confidence: 0, entropy: 0 };
    return {
      step,
      samples: 8 * step,
      trainingLoss: null,
      sets: { training: set, "held-out": set, new: set, unseen: { ...set, loss: unseen } },
    };
  });
  return { measurements, floor, configuration: configure() } as unknown as Run;
}

/** What a figure says below and shades. */
function shown(own: Run): { caption: string; labels: string[] } {
  const { layout } = phasesFigure(own);
  const texts = (layout.annotations as { text: string }[])
    .map(({ text }) => text.replaceAll("<br>", " "));
  const labels = ["statistics", "plateau", "knowledge"].filter((label) => texts.includes(label));
  return { caption: texts.at(-1)!, labels };
}

const start: [number, number, number, number] = [0, 10, 0, 10];

Deno.test("a long flat part is a plateau", () => {
  const { caption, labels } = shown(
    run(start, [50, 8, 0, 8], [100, 4.1, 0, 4.2], [2000, 4, 0.01, 4.1], [3000, 1, 0.6, 6], [
      4000,
      0.1,
      1,
      9,
    ]),
  );
  assertEquals(labels, ["statistics", "plateau", "knowledge"]);
  assertStringIncludes(caption, "stays at the no-knowledge line until step");
  assertStringIncludes(caption, "loss on unseen people rises");
});

Deno.test("a loss that passes the line has no plateau, and is not said to", () => {
  const { caption, labels } = shown(
    run(start, [500, 6, 0, 6], [1000, 3.5, 0.05, 4], [2000, 1, 0.6, 4], [4000, 0.1, 1, 4]),
  );
  assertEquals(labels, ["statistics", "knowledge"]);
  assertStringIncludes(caption, "with hardly a plateau");
  assert(!/stays|rises/.test(caption), caption);
});

Deno.test("a run that stops on the plateau, or before it, is not said to know anybody", () => {
  const on = shown(run(start, [50, 8, 0, 8], [100, 4.1, 0, 4.2], [1000, 4, 0.01, 4]));
  assertEquals(on.labels, ["statistics"]);
  assertStringIncludes(on.caption, "within 1000 steps nobody comes to be known");
  const before = shown(run(start, [100, 8, 0, 8]));
  assertEquals(before.labels, []);
  assertStringIncludes(before.caption, "does not come down to knowing nobody");
  const half = shown(
    run(start, [50, 8, 0, 8], [100, 4.1, 0, 4], [1000, 4, 0, 4], [2000, 3, 0.2, 4]),
  );
  assertEquals(half.labels, ["statistics", "knowledge"]);
  assertStringIncludes(half.caption, "half of the values are not known within 2000 steps");
});

Deno.test("phases that overlap, as of several seeds, are not shaded as if they followed", () => {
  const spans = { first: 10, statistics: 900, end: 700, last: 4000, exists: true };
  assertEquals(phaseSpans(spans).map(({ label }) => label), ["statistics", "knowledge"]);
});

Deno.test("a run that goes on from another has no phases: what becomes of it is said", () => {
  const own = run([1000, 1.6, 0.6, 3.6], [1050, 2, 0.4, 3], [1200, 3, 0.25, 4.5]);
  const tuned = { ...own, configuration: { ...own.configuration, start: { step: 1000 } } } as Run;
  const { caption, labels } = shown(tuned);
  assertEquals(labels, []);
  assertStringIncludes(caption, "Goes on from step 1000: the accuracy on all people");
  assertStringIncludes(caption, "from 0.60 to 0.25, the loss on unseen people from 3.60 to 4.50.");
  assertEquals((phasesFigure(tuned).layout.xaxis as { type?: string }).type ?? "linear", "linear");
  assertStringIncludes(
    shown({ ...tuned, measurements: [] } as Run).caption,
    "Goes on from step 1000.",
  );
});
