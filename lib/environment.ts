/**
 * The environment variables that factlab reads, and what they may be (the table of docs/scripts.md is
 * this one), and the folders that follow from them.
 *
 * @module
 */

import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

interface Variable {
  /** What it does, in a line. */
  says: string;
  /** What it must be, in words; anything if not said. */
  must?: string;
  /** Whether a text is that. */
  is?(text: string): boolean;
}

/** All variables, by name. */
export const VARIABLES = {
  FACTLAB_OUT: {
    says: "folder of runs, maps and records of this machine; out/ of the checkout by default",
  },
  FACTLAB_DEVICE: {
    says: "what computes where a run names no device: cpu (TensorFlow, the default) or gpu (XLA)",
    must: "cpu or gpu",
    is: (text) => text === "cpu" || text === "gpu",
  },
  FACTLAB_PJRT: {
    says:
      "the PJRT plugin behind device gpu, a library's path (from the checkout on); else the one that is found",
  },
  FACTLAB_CORES: {
    says: "cores that a process keeps busy; all by default",
    must: "a whole number >= 1",
    is: (text) => Number.isInteger(Number(text)) && Number(text) >= 1,
  },
  FACTLAB_FRESH: {
    says: "1 trains every run from the start, 0 reads records and trains nothing",
    must: "0 or 1",
    is: (text) => text === "0" || text === "1",
  },
  FACTLAB_SCALE: {
    says: "scale of studies and notebooks that name none; laptop by default",
    must: "smoke, laptop or paper",
    is: (text) => ["smoke", "laptop", "paper"].includes(text),
  },
  FACTLAB_BUDGET: {
    says: "minutes that a study may train without being asked; 10 by default",
    must: "a number of minutes, 0 or more",
    is: (text) => Number(text) >= 0,
  },
} as const satisfies Record<string, Variable>;

/**
 * What a variable says; undefined if it is not set, is empty, or the process may not see it.
 *
 * @throws {Error} if it must be something else.
 */
export function variable(name: keyof typeof VARIABLES): string | undefined {
  // Records are read by programs that may not see the environment.
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  const text = state === "granted" ? Deno.env.get(name)?.trim() : undefined;
  if (text === undefined || text === "") return undefined;
  const { must, is = () => true }: Variable = VARIABLES[name];
  if (is(text)) return text;
  throw new Error(`Cannot run: ${name} must be ${must}, got "${text}".`);
}

/** A folder, whether or not its address ends in a slash: without one, names in it would be beside it. */
export function asFolder({ href }: URL): URL {
  return new URL(href.replace(/\/?$/, "/"));
}

/** The folder that all of factlab is in. */
export const CHECKOUT: URL = new URL("../", import.meta.url);

/**
 * Folder of what this machine makes: `runs/`, `maps/`, `programs/`. It is `out/` of the checkout, or
 * what `FACTLAB_OUT` names, such as a scratch disk.
 */
export const OUT: URL = outFolder();

function outFolder(): URL {
  const named = variable("FACTLAB_OUT");
  // From the checkout on, as programs and notebooks that run in other folders mean the same one.
  return named
    ? pathToFileURL(`${resolve(fileURLToPath(CHECKOUT), named)}/`)
    : new URL("out/", CHECKOUT);
}
