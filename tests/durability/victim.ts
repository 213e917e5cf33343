/**
 * The run that gets killed, and what happens to it.
 *
 * @module
 */

import { createTokenizer, loadLists } from "../../lib/generator/mod.ts";
import { below, type Random, stream } from "../../lib/generator/random.ts";
import { configure, identity, type RunInput, stateShapes } from "../../lib/trainer/mod.ts";
import { checkpointSteps, readCheckpoint } from "../../lib/trainer/checkpoint.ts";
import { runFolder } from "../../lib/trainer/record_store.ts";
import { parameterShapes } from "../../lib/model/mod.ts";

const ROOT = new URL("../../", import.meta.url);

/** A run that takes some seconds. */
export function victim(seed: number): RunInput {
  return {
    scale: "smoke",
    precision: "fp32",
    seed,
    people: 16,
    model: { layers: 1, mlp: 64 },
    batch: 4,
    steps: 4000,
    evaluation: { people: 8, measurements: 30, attention: 4 },
  };
}

/** The folder of the run. */
export function folderOf(seed: number): URL {
  return runFolder(configure(victim(seed)));
}

/** What the run has left: its measurement lines and its last checkpoint's state. */
export function resultOf(seed: number) {
  const folder = folderOf(seed);
  const record = Deno.readTextFileSync(new URL("record.jsonl", folder));
  const configuration = configure(victim(seed));
  const { vocabularySize } = createTokenizer(loadLists(configuration.scale));
  const shapes = stateShapes(parameterShapes(configuration.model, vocabularySize));
  const [step] = checkpointSteps(folder);
  const { state } = readCheckpoint(folder, step!, { hash: identity(configuration), shapes });
  return { lines: record.split("\n").slice(1), step, state };
}

/** Where runs are trained, for workers of a device: their environment. */
let environment: Record<string, string> = {};

/** A worker process, and when it began to train. */
export function startWorker(seed: number, ...options: string[]) {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-RWE",
      "--allow-ffi",
      "--quiet",
      "tests/durability/worker.ts",
      String(seed),
      ...options,
    ],
    cwd: ROOT,
    env: environment,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { promise: trains, resolve } = Promise.withResolvers<boolean>();
  const output = (async () => {
    let text = "";
    for await (const chunk of child.stdout) {
      text += new TextDecoder().decode(chunk);
      if (text.includes("training")) resolve(true);
    }
    resolve(false);
    return text;
  })();
  const errors = new Response(child.stderr).text();
  return { child, trains, output, errors };
}

/** Trains to the end in a process of its own. */
export async function finish(seed: number, ...options: string[]): Promise<void> {
  const { child, output, errors } = startWorker(seed, ...options);
  const { success } = await child.status;
  if (success && (await output).includes("finished")) return;
  throw new Error(`Cannot finish: ${await output}${await errors}`);
}

/**
 * Starts the run and kills it at a random instant, before its first step or up to a tenth of a
 * second after. Says whether it was still training.
 */
export async function kill(seed: number, random: Random): Promise<boolean> {
  const { child, trains, output, errors } = startWorker(seed);
  const early = random() < 0.2;
  if (!early) await trains;
  await new Promise((go) => setTimeout(go, early ? below(900, random) : below(100, random)));
  let alive = true;
  try {
    child.kill("SIGKILL");
  } catch {
    alive = false;
  }
  const { signal } = await child.status;
  await Promise.all([trains, output, errors]);
  return alive && signal === "SIGKILL";
}

/**
 * Kills a run so many times in a row, lets it finish, and compares with an uninterrupted one;
 * `device` is the environment of the processes that train it.
 */
export async function killTest(
  { seed, kills, device = {} }: { seed: number; kills: number; device?: Record<string, string> },
): Promise<{ kills: number; equal: boolean }> {
  const folder = folderOf(seed);
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  environment = device;
  try {
    await finish(seed);
    const whole = resultOf(seed);
    Deno.removeSync(folder, { recursive: true });
    const random = stream(seed, "kills");
    let killed = 0;
    for (let i = 0; i < kills; i++) if (await kill(seed, random)) killed++;
    await finish(seed);
    const pieces = resultOf(seed);
    return { kills: killed, equal: Deno.inspect(pieces, FULL) === Deno.inspect(whole, FULL) };
  } finally {
    environment = {};
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

const FULL = { depth: 10, iterableLimit: Infinity, strAbbreviateSize: Infinity };
