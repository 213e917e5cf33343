/**
 * Where exported models lie: committed ones in data/models, this machine's own in models/ of its
 * folder; each in a folder of its run's hash.
 *
 * @module
 */

import { CHECKOUT, OUT } from "../environment.ts";
import type { Parameters } from "../model/mod.ts";
import { type AboutModel, MODEL_FILE } from "./export.ts";
import { placeOf } from "./files.ts";
import { importModel } from "./import.ts";

/** Folders of models: the committed ones, then this machine's. */
export const MODEL_FOLDERS: readonly URL[] = [
  new URL("data/models/", CHECKOUT),
  new URL("models/", OUT),
];

/** The folder of a run's model; undefined if it was never exported. */
export function findModel(hash: string): URL | undefined {
  return MODEL_FOLDERS.map((folder) => new URL(`${hash}/`, folder)).find((folder) => {
    try {
      return Deno.statSync(new URL(MODEL_FILE, folder)).isFile;
    } catch {
      return false;
    }
  });
}

/**
 * Parameters of a run's model from a folder, or from where it is found, and the step that they are
 * of; undefined if it is nowhere.
 *
 * @throws {Error} if the folder's model is of another run, or of another step where one is given.
 */
export function modelOfRun(
  { hash, step }: { hash: string; step?: number },
  folder = findModel(hash),
): { parameters: Parameters; step: number } | undefined {
  if (!folder) return undefined;
  const { about, parameters } = importModel(folder);
  const said = ({ hash, step }: Partial<AboutModel>) => `run ${hash}, step ${step ?? "any"}`;
  if (about?.hash === hash && about.step === (step ?? about.step)) {
    return { parameters, step: about.step };
  }
  throw new Error(
    `Cannot load ${placeOf(folder)}: it must be of ${said({ hash, step })}, got ` +
      `${about ? said(about) : "a model that does not say"}. Export it again.`,
  );
}
