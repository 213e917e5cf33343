/**
 * Curves for TensorBoard, through tfjs-node's summary writer.
 *
 * @module
 */

import { tf } from "./load.ts";

/** Where named numbers of a step go. */
export interface Summary {
  /** Writes numbers by name, as they stand after a step. */
  scalars(step: number, values: Record<string, number>): void;
}

/** Takes numbers nowhere. */
export const noSummary: Summary = { scalars: () => {} };

/**
 * Writes event files into a folder, which `tensorboard --logdir` shows. TensorFlow must be open.
 *
 * @example
 * ```ts
 * import { openSummary, openTensorFlow } from "./mod.ts";
 * await openTensorFlow();
 * const summary = openSummary(new URL(`file://${await Deno.makeTempDir()}/`));
 * summary.scalars(10, { "loss/training": 3.5 });
 * ```
 */
export function openSummary(folder: URL): Summary {
  Deno.mkdirSync(folder, { recursive: true });
  const writer = tf.node.summaryFileWriter(decodeURIComponent(folder.pathname));
  return {
    scalars(step, values) {
      for (const [name, value] of Object.entries(values)) writer.scalar(name, value, step);
      writer.flush();
    },
  };
}
