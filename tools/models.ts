/**
 * The models of the headline runs, the base arm of study three-phases in all its seeds: each exported
 * in float16 with its card, trained where it is nowhere yet.
 *
 *     deno task models [--keep]
 *
 * @module
 */

import { SCALES } from "../lib/generator/mod.ts";
import { threePhases } from "../lib/studies/mod.ts";
import { experimentOf, regimeIn, trialsOf } from "../lib/study/mod.ts";
import {
  configure,
  exportModel,
  findModel,
  identity,
  MODEL_FOLDERS,
  placeOf,
  type Run,
  type RunInput,
  train,
} from "../lib/trainer/mod.ts";
import { choice, commandLine, number } from "./command_line.ts";

const USAGE = `deno task models [options]

The models of the five headline runs, in float16 with a card each, to be asked without training:
await openModel(folder), or await train(input).load(). What is nowhere is trained, minutes a run.

  --keep         into data/models, to be committed; by default into out/models
  --scale NAME   ${SCALES.join(", ")}; laptop by default
  --seeds N      the first N runs; ${threePhases.seeds} by default`;

/** The most that a committed model may take. */
const LIMIT = 2e6;

const { keep, scale, seeds } = commandLine({
  usage: USAGE,
  options: { keep: "flag", scale: "text", seeds: "text" },
  read: (given) => ({
    keep: given.keep ?? false,
    scale: choice("--scale", given.scale, SCALES) ?? "laptop",
    seeds: number("--seeds", given.seeds, { whole: true, least: 1 }) ?? threePhases.seeds,
  }),
});

/** A finished run with its model: from a checkpoint on this machine, or trained now. */
async function withModel(input: RunInput): Promise<Run> {
  const known = train(input);
  if (known.source === "record") {
    for await (const _ of known);
    if (await known.load().then(() => true, () => false)) return known;
  }
  // Under a name, so that it goes on when this is called again.
  const run = train(input, { fresh: "models" });
  console.log(`Training run ${run.hash} …`);
  for await (const _ of run);
  await run.load();
  return run;
}

/** Bytes of what is in a folder. */
const sizeOf = (folder: URL) =>
  [...Deno.readDirSync(folder)]
    .reduce((sum, { name }) => sum + Deno.statSync(new URL(name, folder)).size, 0);

const [committed, own] = MODEL_FOLDERS as [URL, URL];
const { arms } = experimentOf(threePhases, regimeIn(threePhases, scale));
let large = false;
for (const { run: input } of trialsOf(arms, seeds)) {
  const hash = identity(configure(input as RunInput));
  const folder = new URL(`${hash}/`, keep ? committed : own);
  const there = findModel(hash);
  if (there && (there.href === folder.href || !keep)) {
    console.log(`${placeOf(there)} is there.`);
    continue;
  }
  const run = await withModel(input as RunInput);
  if (!run.finished) Deno.exit(1);
  await exportModel(run, folder, { precision: "float16" });
  run.dispose();
  const size = sizeOf(folder);
  console.log(`${placeOf(folder)}: ${(size / 1e6).toFixed(2)} MB.`);
  if (!keep || size <= LIMIT) continue;
  large = true;
  console.error(
    `Cannot keep the model of run ${hash}: it must take at most ${LIMIT / 1e6} MB, got ` +
      `${(size / 1e6).toFixed(2)}. Without --keep it is in out/models.`,
  );
  Deno.removeSync(folder, { recursive: true });
}
if (large) Deno.exit(1);
