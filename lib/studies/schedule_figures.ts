/**
 * Figures and tables of schedules compared (schedule_comparison.ts): curves and final accuracy of the
 * best of each class, all of the people or only some, and what adaptive schedules decided.
 *
 * @module
 */

import { table, type TextAndHtml } from "../display/mod.ts";
import { bars, type Figure, type Line, orderedColors, plainColors } from "../figures/mod.ts";
import { finalAccuracy, mean, overSeeds, standardDeviation } from "../readings/mod.ts";
import { armsFigure, finding, recordsOf, type Results } from "../study/mod.ts";
import { cellOf, cellsAt, knowingCells, recordsIn } from "./compared_schedules.ts";
import { CLASSES, type ScheduleClass, tunedPeople } from "./schedules.ts";
import { listed } from "./words.ts";

const colorOf = (name: ScheduleClass) => plainColors[CLASSES.indexOf(name)]!;

/** Final accuracy of every class over one of its sizes, the other as tuned. */
export function accuracyLines(results: Results, over: "people" | "steps", unit: number): Line[] {
  const other = over === "people" ? "steps" : "people";
  return CLASSES.map((name) => {
    const cells = cellsAt(results.regime)
      .filter((cell) => cell.schedule === name && cell[other] === 1)
      .sort((a, b) => a[over] - b[over]);
    const values = cells.map((cell) => recordsOf(results, cell).map(finalAccuracy));
    return {
      name,
      color: colorOf(name),
      x: cells.map((cell) => unit * cell[over]),
      ...overSeeds(values),
      marks: "both",
    };
  });
}

/** Final accuracy of the adaptive schedule that knows N; as tuned it is the one that does not. */
export function knowingLine(results: Results, unit: number): Line[] {
  const cells = [...knowingCells(results.regime), cellOf(results.regime, "adaptive")]
    .sort((a, b) => a.people - b.people);
  const values = cells.map((cell) => recordsOf(results, cell).map(finalAccuracy));
  // As tuned alone it would only repeat the other.
  if (values.filter((own) => own.length > 0).length < 2) return [];
  return [{
    name: "adaptive that knows N",
    color: colorOf("adaptive"),
    dash: "dash",
    x: cells.map((cell) => unit * cell.people),
    ...overSeeds(values),
    marks: "both",
  }];
}

/** The classes that know most, best first: the best one and those within its standard deviation. */
export function bestOf(known: (name: ScheduleClass) => number[]) {
  const means = CLASSES.map((name) => ({ name, value: mean(known(name)) }))
    .filter(({ value }) => Number.isFinite(value))
    .sort((a, b) => b.value - a.value);
  const own = means[0] ? known(means[0].name) : [];
  const near = own.length >= 3 ? standardDeviation(own) : 0;
  return means.filter(({ value }) => value >= means[0]!.value - near);
}

/** Which classes know most in the end. */
function mostKnown(results: Results): string {
  const best = bestOf((name) =>
    recordsOf(results, cellOf(results.regime, name)).map(finalAccuracy)
  );
  const told = best.map(({ name, value }) => `${name} (${value.toFixed(2)})`);
  return told.length > 0 ? `Most is known in the end with ${listed(told)}. ` : "";
}

/**
 * Learning curves of the best of each class.
 *
 * @example
 * ```ts
 * import { readResults, scheduleComparison, scheduleCurves } from "factlab";
 * console.log(scheduleCurves(readResults(scheduleComparison)).alt);
 * ```
 */
export function scheduleCurves(results: Results): Figure {
  return armsFigure(results, {
    arms: CLASSES.map((name) => ({
      arm: cellOf(results.regime, name),
      name,
      color: colorOf(name),
    })),
    caption: mostKnown(results) + `${tunedPeople(results.regime)} people, all evaluated alike.`,
  });
}

/**
 * Row 22: everybody, or only some of the people? Accuracy counted over all people, those who were
 * never in the data as not known.
 *
 * @example
 * ```ts
 * import { fewerPeopleFigure, readResults, scheduleComparison } from "factlab";
 * console.log(fewerPeopleFigure(readResults(scheduleComparison)).alt);
 * ```
 */
export function fewerPeopleFigure(results: Results): Figure {
  const people = tunedPeople(results.regime);
  const sizes = cellsAt(results.regime)
    .filter((cell) => cell.schedule === "uniform" && cell.people <= 1 && cell.steps === 1);
  const colors = orderedColors(sizes.length);
  return bars({
    title: "What is known in the end, counted over everybody",
    categories: CLASSES,
    series: sizes.map((size, i) => {
      const values = CLASSES.map((name) =>
        recordsIn(results, name, size).map((record) => size.people * finalAccuracy(record))
      );
      return {
        name: size.people === 1 ? `all ${people}` : `only ${size.people * people}`,
        color: colors[i],
        ...overSeeds(values),
      };
    }),
    x: { title: "schedule" },
    y: { title: `share of the values of ${people} people`, range: [0, 1] },
    caption: finding(results, "fewer-people-control", {
      holds: "Warm-up on all knows more than uniform sampling of only some of them.",
      "does not hold":
        "Uniform sampling of only some of the people knows as much as warm-up on all.",
      undecided: "Undecided whether warm-up on all knows more than uniform sampling of only some.",
    }) + " Held-out templates.",
  });
}

/**
 * The steps at which adaptive runs have widened their people, per number of people.
 *
 * @example
 * ```ts
 * import { decisionsTable, readResults, scheduleComparison } from "factlab";
 * console.log(decisionsTable(readResults(scheduleComparison)).text);
 * ```
 */
export function decisionsTable(results: Results): TextAndHtml {
  const { regime } = results;
  const knows = knowingCells(regime);
  const cells = cellsAt(regime)
    .filter((cell) => cell.schedule === "adaptive" && cell.steps === 1);
  return table(
    [...cells, ...knows].flatMap((cell) =>
      recordsOf(results, cell).map((record) => ({
        people: cell.people * tunedPeople(regime),
        "begins with": knows.includes(cell) ? "a share of N" : "as many whatever N is",
        seed: record.header.configuration.seed,
        decisions: (record.measurements.at(-1)!.decisions ?? [])
          .map(({ step, event }) => `step ${step}: ${event}`).join("; ") || "none",
      }))
    ),
    {
      caption:
        "What adaptive schedules decided. Those that begin with as many whatever N is are the same run " +
        "until all are in: their steps repeat",
    },
  );
}
