/**
 * Trains what comes next of the paper's scale (docs/paper_scale.md) for a number of minutes, and
 * leaves the finished records in a folder, as a pack. Called again, there or on another machine, it
 * goes on with what has no record.
 *
 *     deno task gpu:next MINUTES FOLDER [--scale smoke] [--units N] [--dry]
 *
 * @module
 */

import { formatDuration } from "../../lib/display/mod.ts";
import { type Device, engineOn } from "../../lib/engine/mod.ts";
import { secondsOn } from "../../lib/study/mod.ts";
import { placesOn, planSweep, sweep, type SweepRun, wavesOf } from "../../lib/sweep/mod.ts";
import {
  findRecord,
  identity,
  needs,
  parseRecord,
  type RunConfiguration,
  runFolder,
  type RunRecord,
} from "../../lib/trainer/mod.ts";
import { choice, commandLine, number } from "../command_line.ts";
import { deviceNamed } from "../device.ts";
import { firstDifference, takeIn, writePack } from "./pack.ts";
import { type PlannedScale, type PlannedStep, stepsOf, type Unit, unitsOf } from "./plan.ts";

const USAGE = `deno task gpu:next MINUTES FOLDER [options]

  MINUTES         how long it may take; what runs then is stopped in order
  FOLDER          where finished records go; packs that are there count as records
  --scale NAME    paper or smoke; paper by default
  --device NAME   cpu or gpu; what FACTLAB_DEVICE names by default, or cpu
  --units N       at most so many bases, each with what begins from it
  --dry           take in what FOLDER has, and say what would be done`;

/** Seconds, or a share of the time, in which runs end in order and records are packed. */
const RESERVE = { seconds: 30, share: 0.1 };
/** What is expected to take longer than what is left, by this factor, is not begun. */
const MARGIN = 1.1;

/** What was asked for. */
interface Options {
  minutes: number;
  folder: string;
  scale: PlannedScale;
  /** Where runs are trained. */
  device: Device;
  units: number;
  dry: boolean;
}

function options(): Options {
  return commandLine({
    usage: USAGE,
    options: { scale: "text", device: "text", units: "text", dry: "flag" },
    names: true,
    anywhere: true,
    read(given, [minutes, folder, ...more]) {
      if (folder === undefined || more.length > 0) {
        throw new Error(
          `it takes MINUTES and a FOLDER, got ${[minutes, folder, ...more].join(" ")}`,
        );
      }
      const asked = deviceNamed(given.device, "Cannot run what is next");
      return {
        minutes: number("MINUTES", minutes, { above: 0 })!,
        folder,
        scale: choice("--scale", given.scale, ["paper", "smoke"] as const) ?? "paper",
        device: engineOn(asked).device as Device,
        units: number("--units", given.units, { whole: true, least: 1 }) ?? Infinity,
        dry: given.dry ?? false,
      };
    },
  });
}

/** Says how many runs of each step have a record. */
function tell(steps: readonly PlannedStep[]): void {
  steps.forEach(({ title, runs }, i) => {
    const done = [...runs.values()].filter((run) => findRecord(run)).length;
    console.log(`${i + 1}. ${title}: ${done} of ${runs.size} on record`);
  });
}

/** Seconds that runs take, with what they begin from where that is not here; NaN if nobody knows. */
function secondsFor(runs: readonly RunConfiguration[], { scale, device }: Options): number {
  const waiting = planSweep(runs).filter(({ state }) => state === "waiting");
  const workers = placesOn(device).length;
  const waves = wavesOf(waiting, { device, workers });
  return secondsOn(device, scale, waves) / Math.min(workers, Math.max(1, waves.length));
}

/** The first runs that can be done in the seconds left; one where nobody knows what it takes. */
function fitting(runs: readonly RunConfiguration[], left: number, own: Options) {
  if (runs.length > 0 && Number.isNaN(secondsFor([runs[0]!], own))) return [runs[0]!];
  return runs.reduce<RunConfiguration[]>(
    (chosen, run) => MARGIN * secondsFor([...chosen, run], own) <= left ? [...chosen, run] : chosen,
    [],
  );
}

/** Measurements of a run that is being trained again, as far as they are written. */
function trainedAgain({ configuration, again }: SweepRun): RunRecord {
  const whole = again === configuration.steps ? "record.jsonl" : "record.part.jsonl";
  return parseRecord<RunRecord>(Deno.readTextFileSync(new URL(whole, runFolder(configuration))));
}

/** Trains units until the time is over, or until it is stopped; returns the exit code. */
async function run(own: Options, steps: readonly PlannedStep[]): Promise<0 | 1 | 130> {
  const began = new Date();
  const reserve = Math.min(RESERVE.seconds, RESERVE.share * 60 * own.minutes);
  const end = began.getTime() + 1e3 * (60 * own.minutes - reserve);
  const left = () => (end - Date.now()) / 1e3;
  const over = AbortSignal.timeout(Math.max(0, end - Date.now()));
  const packed = new Set<string>();
  const begun = new Set<string>();
  /** Seconds of the first run of every unit that has come to nothing. */
  const late: number[] = [];
  let failed = false;
  let stopped = false;

  /** Packs what has come to its end: a lease may end at any moment. */
  const pack = (runs: readonly SweepRun[]) => {
    const fresh = runs.filter(({ state, again, hash }) =>
      state === "trained" && again === undefined && !packed.has(hash)
    );
    if (fresh.length === 0) return;
    for (const { hash } of fresh) packed.add(hash);
    writePack(own.folder, began.toISOString().replaceAll(/[:.]/g, "-"), [...packed]);
    console.log(
      `done: ${fresh.map(({ hash }) => hash).join(", ")} (${formatDuration(left())} left)`,
    );
  };

  /** Trains some runs of a unit, and first what they and the others of it begin from. */
  const train = async (runs: readonly RunConfiguration[], unit: Unit) => {
    const also = unit.runs.flatMap(needs);
    const before = new Map(
      planSweep(runs, { also }).flatMap(({ again, configuration, hash }) =>
        again === undefined ? [] : [[hash, findRecord(configuration)!.record] as const]
      ),
    );
    const all = await sweep([...runs], {
      device: own.device,
      also,
      signal: over,
      onChange: pack,
    });
    // A signal ends the sweep that it finds; the next would train on.
    stopped ||= !over.aborted && all.some(({ state }) => state === "stopped");
    for (const one of all) {
      if (one.state === "failed") {
        console.log(`failed: ${one.hash}: ${one.why}`);
        failed = true;
      }
      const record = one.state === "trained" ? before.get(one.hash) : undefined;
      if (!record) continue;
      const step = firstDifference(record, trainedAgain(one));
      const found = step === undefined
        ? "as in its record"
        : `another than its record at step ${step}`;
      console.log(`trained again for its checkpoints: ${one.hash}, ${found}`);
    }
  };

  for (const unit of unitsOf(steps).slice(0, own.units)) {
    while (!over.aborted && !stopped) {
      const open = unit.runs.filter((one) => !findRecord(one) && !begun.has(identity(one)));
      const runs = fitting(open, left(), own);
      if (runs.length === 0) {
        if (open.length > 0) late.push(secondsFor([open[0]!], own));
        break;
      }
      for (const one of runs) begun.add(identity(one));
      await train(runs, unit);
    }
  }
  if (late.length > 0) {
    const least = formatDuration(Math.min(...late));
    console.log(`not begun, for want of time: ${late.length} units, the least of about ${least}`);
  }
  return stopped ? 130 : failed ? 1 : 0;
}

try {
  const own = options();
  Deno.mkdirSync(own.folder, { recursive: true });
  const { taken, refused } = takeIn(own.folder);
  for (const why of refused) console.error(why);
  if (taken.length > 0) console.log(`${taken.length} records taken in from ${own.folder}`);
  const steps = stepsOf(own.scale);
  tell(steps);
  const units = unitsOf(steps);
  const [next] = units;
  if (next) {
    const seconds = secondsFor(next.runs, own);
    const takes = Number.isNaN(seconds)
      ? "nobody knows how long"
      : `about ${formatDuration(seconds)}`;
    console.log(
      `next of ${units.length} units: base ${identity(next.base)} and what begins from it, ` +
        `${next.runs.length} runs, ${takes} on ${own.device}`,
    );
  }
  const code = own.dry ? 0 : await run(own, steps);
  if (!own.dry) tell(steps);
  // What was stopped has left timers and listeners.
  Deno.exit(code);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(2);
}
