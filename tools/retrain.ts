/**
 * Does a committed record still come out? Trains one again, chosen by the commit's hash, and
 * compares: the first 50 steps to 2e-2 (bf16) or 1e-3 (fp32), and the final
 * loss and accuracy to three standard deviations of that arm's seeds.
 *
 *     deno task test:retrain
 *
 * Records that were made on another device than this one (FACTLAB_DEVICE) are left out, and named.
 *
 * @module
 */

import { availableCores, engineOn, sideBySide } from "../lib/engine/mod.ts";
import { finalAccuracy, finalLoss, standardDeviation } from "../lib/readings/mod.ts";
import { STUDIES } from "../lib/studies/mod.ts";
import { readResults, recordsOf, runArms, secondsOf } from "../lib/study/mod.ts";
import {
  besideOf,
  checkpointSteps,
  configure,
  deviceOf,
  runFolder,
  type RunRecord,
  train,
} from "../lib/trainer/mod.ts";
import { commandLine } from "./command_line.ts";
import { comparable } from "./comparable.ts";

commandLine({
  usage: `deno task test:retrain

Trains a committed record again, one that was made on this device, and compares.`,
});

/** Longest run, on one core, that may be chosen. */
const MOST_SECONDS = 400;

/** A committed run with the records of its arm. */
interface Candidate {
  name: string;
  record: RunRecord;
  arm: RunRecord[];
}

function candidates(): Candidate[] {
  return STUDIES.flatMap((study) => {
    const results = readResults(study, { from: "data" });
    return runArms(results.experiment.arms).flatMap((arm) => {
      const records = recordsOf(results, arm);
      return records.flatMap((record) => {
        const { configuration } = record.header;
        const isAlone = !configuration.start && !configuration.reference;
        return isAlone && records.length >= 3 && secondsOf(configure(configuration)) <= MOST_SECONDS
          ? [{
            name: `${study.name}, ${arm.name}, seed ${configuration.seed}`,
            record,
            arm: records,
          }]
          : [];
      });
    });
  });
}

/** The commit's hash as a number; 0 where there is no repository. */
function commit(): bigint {
  try {
    const { stdout } = new Deno.Command("git", { args: ["rev-parse", "HEAD"] }).outputSync();
    return BigInt(`0x0${new TextDecoder().decode(stdout).trim()}`);
  } catch {
    return 0n;
  }
}

// One run serves many studies; it is one candidate.
const known = new Map(candidates().map((one) => [one.record.header.hash, one]));
const engine = engineOn();
await engine.open({});
const device = deviceOf(engine.about());
const { kept: all, leftOut } = comparable([...known.values()], device);
for (const line of leftOut) console.log(line);
if (all.length === 0) {
  console.log(`There is no committed record to train again on ${device}.\n0 passed, 0 failed`);
  Deno.exit(0);
}
const { name, record, arm } = all[Number(commit() % BigInt(all.length))]!;
const { configuration, hash, environment } = record.header;
console.log(
  `Training ${hash} again (${name}), one of ${all.length}, on ${device}, ${availableCores()} cores.`,
);
// Checkpoints that other runs begin from stay.
const checkpoints = checkpointSteps(runFolder(configuration));
// What was trained side by side is so again, with nobody beside it.
const places = besideOf(environment);
const beside = places > 1 ? sideBySide(places) : undefined;
const run = train(configuration, { fresh: true, checkpoints, beside });
for await (const _ of run);
run.dispose();

const results: { what: string; passed: boolean }[] = [];
const check = (what: string, difference: number, tolerance: number) =>
  results.push({
    what: `${what}: difference ${difference.toPrecision(2)}, at most ${tolerance.toPrecision(2)}`,
    passed: difference <= tolerance,
  });
const tolerance = configuration.precision === "bf16" ? 2e-2 : 1e-3;
// The first 50 steps, or the first measurements after the start where those come later.
const early = record.measurements.filter(({ step }, i) => step <= 50 || i <= 2);
for (const { step, sets } of early) {
  const again = run.measurements.find((measurement) => measurement.step === step)!;
  const loss = sets.training.loss;
  check(
    `loss at step ${step}, relative`,
    Math.abs(again.sets.training.loss / loss - 1),
    tolerance,
  );
}
for (const [what, final] of Object.entries({ loss: finalLoss, accuracy: finalAccuracy })) {
  const spread = standardDeviation(arm.map(final));
  check(`final ${what}`, Math.abs(final(run) - final(record)), 3 * spread);
}
for (const { what, passed } of results) console.log(`${passed ? "ok  " : "FAIL"} ${what}`);
const failed = results.filter(({ passed }) => !passed).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
if (failed > 0) Deno.exit(1);
