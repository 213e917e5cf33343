// The two scales beside the paper's own curve points.

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { SCALES } from "../../lib/generator/mod.ts";
import { mean } from "../../lib/readings/mod.ts";
import { COMPARISONS } from "../../lib/studies/comparisons.ts";
import { bothScalesFigure, threePhases } from "../../lib/studies/mod.ts";
import { armNamed, readResults, recordsOf } from "../../lib/study/mod.ts";
import { configure, type RunInput } from "../../lib/trainer/mod.ts";
import { allLearned } from "./learned.ts";

for (const [notebook, comparisons] of Object.entries(COMPARISONS)) {
  Deno.test(`notebook ${notebook}: the paper's points are drawn, and ours beside them`, async () => {
    const figure = bothScalesFigure(notebook);
    const { data } = figure;
    for (const { paper } of comparisons) {
      const own = data.filter(({ name }) => name === "the paper").map(({ y }) => y as number[]);
      const near = (y: number[]) =>
        y.length === paper.y.length && y.every((value, i) => Math.abs(value - paper.y[i]!) < 1e-4);
      assert(own.some(near), String(own));
    }
    assert(
      data.filter(({ name }) => String(name).startsWith("laptop")).length >= comparisons.length,
    );
    assert((await figure.png({ scale: 1 })).length > 1000);
  });

  for (const { study, title, ours, told, paper } of comparisons) {
    for (const scale of SCALES) {
      Deno.test(`${title}: read at ${scale} scale, and nothing without records`, () => {
        const whole = allLearned(study, scale, 2);
        const { x, y, n } = ours(whole);
        assert(x.length > 0 && x.length === y.length);
        assert(y.some((value) => value !== null && Number.isFinite(value)), String(y));
        assertEquals([...x], x.toSorted((a, b) => a - b));
        assert([n].flat().every((count) => count! > 0), String(n));
        const none = ours(readResults(study, { scale, seeds: 0 }));
        assert(none.y.every((value) => value === null), String(none.y));
        assert(Number.isNaN(told.of(none)), told.words);
      });
    }

    Deno.test(`${title}: the paper has the number that is told of it`, () => {
      assert(told.of(paper) > 0, told.words);
    });
  }
}

Deno.test("what a caption tells of us is what the records have, and of the paper what it says", () => {
  const records = recordsOf(...base());
  const final = mean(
    records.map(({ header, measurements }) =>
      measurements.at(-1)!.sets.unseen.loss / header.floor.unseen
    ),
  );
  const said = captionOf("04").match(
    /strangers as a share of L0: laptop ([\d.]+), the paper ([\d.]*\d)/,
  )!;
  assertAlmostEquals(Number(said[1]), final, 0.05);
  assertAlmostEquals(Number(said[2]), 2.36, 0.05);
  // Half of L0 comes after 13 biographies a person in the paper; on the laptop it takes far longer.
  assert(/until half of L0: laptop \d+ \(off\), the paper 13\./.test(captionOf("01")));
});

Deno.test("what is told of the ends of a curve needs their records, as where a plan is half done", () => {
  const without = (notebook: string, missing: (name: string) => boolean) => {
    const { study, ours, told } = COMPARISONS[notebook]!.at(notebook === "02" ? 1 : 0)!;
    const whole = allLearned(study, "paper", 1);
    const trials = whole.trials.map((trial) =>
      missing(trial.arm.name) ? { ...trial, record: undefined } : trial
    );
    return told.of(ours({ ...whole, trials }));
  };
  assert(without("02", () => false) > 0);
  assertEquals(without("02", (name) => name === "initial"), NaN);
  assertEquals(without("02", (name) => name === "final"), NaN);
  assert(without("05", () => false) > 0);
  assertEquals(without("05", (name) => name === "16000 new people (1/4)"), NaN);
  assert(without("05", (name) => name === "1000 new people (1/64)") > 0);
});

Deno.test("an exponent is told from three sizes on", () => {
  const { ours, study, told } = COMPARISONS["01"]![1]!;
  const whole = allLearned(study, "paper", 1);
  const upTo = (most: number) => {
    const trials = whole.trials.map((trial) =>
      configure(trial.run as RunInput).people <= most ? trial : { ...trial, record: undefined }
    );
    return told.of(ours({ ...whole, trials }));
  };
  assertEquals(upTo(8000), NaN);
  assert(Number.isFinite(upTo(32_000)));
});

Deno.test("a notebook without such a figure is told with those that have one", () => {
  assertThrows(
    () => bothScalesFigure("06"),
    Error,
    "notebook must be one of 01, 02, 03, 04, 05, got 06",
  );
});

function base() {
  const results = readResults(threePhases, { from: "data" });
  return [results, armNamed(results, "base")] as const;
}

/** The caption as one line. */
function captionOf(notebook: string): string {
  const { annotations } = bothScalesFigure(notebook).layout as { annotations: { text: string }[] };
  return annotations.at(-1)!.text.replaceAll("<br>", " ");
}
