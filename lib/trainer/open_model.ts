/**
 * Models that were trained before, asked without training: a folder as export.ts writes it becomes a
 * run again.
 *
 * @module
 */

import { shown } from "../display/mod.ts";
import { placeOf } from "./files.ts";
import { importModel } from "./import.ts";
import type { Run, TrainOptions } from "./run.ts";
import { train } from "./train.ts";

/**
 * The run of an exported model, ready to be asked: with its people and their biographies, and with
 * its record where this machine has that. One of lists of your own needs their folder as `lists`.
 *
 * @example
 * ```ts
 * import { exportModel, openModel, train } from "factlab";
 * const run = train({ scale: "smoke", people: 16, steps: 40 }, { fresh: true });
 * for await (const _ of run);
 * const folder = new URL(`file://${Deno.makeTempDirSync()}/`);
 * await exportModel(run, folder, { precision: "float16" });
 * run.dispose();
 *
 * const model = await openModel(folder);
 * console.log(model.answer(0)[0]);
 * model.dispose();
 * ```
 *
 * @throws {Error} if it is no model of factlab, or one of lists or code that are not today's.
 */
export async function openModel(
  folder: URL,
  options: Pick<TrainOptions, "lists"> = {},
): Promise<Run> {
  const { about } = importModel(folder);
  if (!about) {
    throw new Error(
      `Cannot open ${
        placeOf(folder)
      }: its model must say of which run it is, got none. Export it ` +
        "with exportModel, or read its parameters alone with importModel.",
    );
  }
  const run = train(about.essence, options);
  if (run.hash !== about.hash) {
    throw new Error(
      `Cannot open ${placeOf(folder)}: its run must be ${
        shown(about.hash)
      }, got ${run.hash} with the ` +
        "lists and the code of today. Read its parameters alone with importModel.",
    );
  }
  await run.load(folder);
  return run;
}
