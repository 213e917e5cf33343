/**
 * Curves for TensorBoard, through tfjs-node's summary writer.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { tfjsNode } from "./load.ts";

/** Where named numbers of a step go. */
export interface Summary {
  /** Writes numbers by name, as they stand after a step. */
  scalars(step: number, values: Record<string, number>): void;
}

/** Takes numbers nowhere. */
export const noSummary: Summary = { scalars: () => {} };

const EVENTS = /^events\.out\.tfevents\./;
/** tfjs keeps one writer for each spelling of a folder's name, also of a folder that was emptied. */
let opened = 0;

/**
 * Writes event files into a folder, which `tensorboard --logdir` shows, in the place of those that
 * are there: TensorBoard would draw both. TensorFlow must be open.
 *
 * @example
 * ```ts
 * import { openSummary, openTensorFlow } from "factlab";
 * await openTensorFlow();
 * const summary = openSummary(new URL(`file://${await Deno.makeTempDir()}/`));
 * summary.scalars(10, { "loss/training": 3.5 });
 * ```
 */
export function openSummary(folder: URL): Summary {
  Deno.mkdirSync(folder, { recursive: true });
  const path = fileURLToPath(folder);
  for (const { name } of Deno.readDirSync(folder)) {
    if (EVENTS.test(name)) Deno.removeSync(`${path}/${name}`);
  }
  const writer = tfjsNode().node.summaryFileWriter(path + "/".repeat(++opened));
  return {
    scalars(step, values) {
      for (const [name, value] of Object.entries(values)) writer.scalar(name, value, step);
      writer.flush();
    },
  };
}
