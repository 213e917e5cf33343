/**
 * The library in which functions are written: tfjs, which describes tensors and derives gradients.
 * It loads no TensorFlow; what computes is an engine's business.
 *
 * It is loaded when it is first used, or by {@link loadTfjs}. `tf` stands for it from the beginning: a
 * notebook keeps what it has imported as it was then.
 *
 * @module
 */

import type * as Tfjs from "@tensorflow/tfjs";
import { createRequire } from "node:module";

/** A tensor of the library. */
export type Tensor = Tfjs.Tensor;

let loaded: typeof Tfjs | undefined;

/** The library. */
export const tf: typeof Tfjs = new Proxy({} as typeof Tfjs, {
  get: (_, name) => Reflect.get(loadTfjs(), name),
  has: (_, name) => Reflect.has(loadTfjs(), name),
});

/** Loads the library, once a process; about a quarter of a second. */
export function loadTfjs(): typeof Tfjs {
  if (loaded) return loaded;
  // The bundle of all its parts, which alone register no gradients; tfjs-node uses the same copy.
  const require = createRequire(import.meta.url);
  const warn = console.warn;
  // tfjs greets every user of its JavaScript backend with a banner.
  console.warn = () => {};
  try {
    loaded = require("@tensorflow/tfjs") as typeof Tfjs;
    loaded.enableProdMode();
    return loaded;
  } catch (cause) {
    throw new Error(
      "Cannot load tfjs: run `deno task setup` (or npx --yes deno@2.9.6 task setup) in the " +
        `factlab checkout first. (${cause instanceof Error ? cause.message : cause})`,
      { cause },
    );
  } finally {
    console.warn = warn;
  }
}

/** Runs one kernel of the library by name, on whatever backend is in use. */
export function kernel(
  name: string,
  inputs: Record<string, Tensor>,
  attributes: Record<string, unknown> = {},
): Tensor | Tensor[] {
  return tf.engine().runKernel(name, inputs as never, attributes as never);
}
