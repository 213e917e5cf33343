/**
 * What groups of similar length save: `deno task bench:padding`. The laptop's model trains on
 * biographies, on one core, as runs of a sweep do, and on all of them; with one group, as ever, and
 * with more; and beside it PyTorch on the same groups. Workers take short turns; ratios are medians
 * over rounds, with their quartiles. Processor time is told as well, which other work on the machine
 * disturbs less. Tokens are counted without padding. Writes bench/results/padding.json.
 *
 * @module
 */

import { table } from "../lib/display/mod.ts";
import { availableCores, environment, openTensorFlow } from "../lib/engine/mod.ts";
import { median } from "../lib/readings/mod.ts";
import { commandLine } from "../tools/command_line.ts";
import { pythonEnvironment } from "../tools/python.ts";
import { type Shape, SHAPES, type Variant } from "./variants.ts";
import { type Answer, startWorker, TORCH, type Worker } from "./worker.ts";

commandLine({
  usage: `deno task bench:padding

What groups of similar length save, on one core and on all; into bench/results/padding.json.`,
});

const RESULTS = "bench/results/padding.json";
/** Short turns, and many: all see the same weather. */
const ROUNDS = 30;
/** Steps of a turn. */
const STEPS = 8;
/** Steps on which all must agree, and how far apart their losses may be: products are bfloat16. */
const AGREE = { steps: 20, within: 1e-2 };

const OURS: Variant = { name: "ours", side: "ours", mode: "bf16" };
const THEIRS: Variant = { name: "PyTorch eager bf16", side: "PyTorch", mode: "eager-bf16" };
const ARMS = [
  ...[1, 2, 3, 4].map((lengthGroups) => ({ variant: OURS, lengthGroups })),
  ...[1, 2].map((lengthGroups) => ({ variant: THEIRS, lengthGroups })),
];

/** All arms for one batch on some cores. */
async function compare(batch: number, cores: number) {
  const { length: _, ...model } = SHAPES.find(({ name }) => name === "laptop")!;
  const folder = await Deno.makeTempDir({ prefix: "factlab-bench-" });
  const workers: Worker[] = [];
  try {
    for (const { variant, lengthGroups } of ARMS) {
      const shape: Shape = { ...model, batch, length: 136, lengthGroups };
      const own = {
        shape,
        activation: "relu2",
        cores,
        folder: `${folder}/${lengthGroups}`,
      } as const;
      workers.push(await startWorker(variant, { ...own, write: variant === OURS }));
    }
    const first: Answer[] = [];
    for (const worker of workers) first.push(await worker.run(AGREE.steps));
    first.forEach(({ losses }, i) => {
      const distances = losses.map((loss, step) => Math.abs(loss / first[0]!.losses[step]! - 1));
      if (Math.max(...distances) <= AGREE.within) return;
      throw new Error(
        `Cannot compare: losses of ${ARMS[i]!.variant.name} with ${ARMS[i]!.lengthGroups} groups ` +
          `differ by ${
            Math.max(...distances)
          } from ours with one; at most ${AGREE.within} is allowed.`,
      );
    });
    const turns: Answer[][] = ARMS.map(() => []);
    for (let round = 0; round < ROUNDS; round++) {
      // There and back, so that no arm always follows the same one.
      const order = [...workers.entries()];
      for (const [i, worker] of round % 2 === 0 ? order : order.reverse()) {
        turns[i]!.push(await worker.run(STEPS));
        // Threads of the one before may still be spinning.
        await new Promise((resume) => setTimeout(resume, 50));
      }
    }
    const all = turns.map((answers) => ({
      ms: answers.map(({ ms }) => median(ms)),
      cpu: answers.map(({ cpu }) => cpu / STEPS),
      speeds: answers.map(({ ms, tokens }) => 1e3 * median(tokens.map((n, i) => n / ms[i]!))),
    }));
    return ARMS.map(({ variant, lengthGroups }, i) => {
      const one = ARMS.findIndex((arm) => arm.variant === variant && arm.lengthGroups === 1);
      const ratios = (what: "ms" | "cpu") => {
        const sorted = all[i]![what].map((value, round) => value / all[one]![what][round]!)
          .sort((a, b) => a - b);
        const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!;
        return { median: at(0.5), quarter: at(0.25), threeQuarters: at(0.75) };
      };
      return {
        ...{ batch, cores, variant: variant.name, lengthGroups },
        ms: median(all[i]!.ms),
        cpu: median(all[i]!.cpu),
        tokens: Math.round(median(all[i]!.speeds)),
        time: ratios("ms"),
        processor: ratios("cpu"),
      };
    });
  } finally {
    for (const worker of workers) await worker.close();
    await Deno.remove(folder, { recursive: true });
  }
}

await pythonEnvironment(TORCH, "bench/requirements.txt");
// Its version belongs to the results; workers do the work.
await openTensorFlow();
const measured = [];
for (const cores of [...new Set([1, availableCores()])]) {
  for (const batch of [8, 16]) {
    const arms = await compare(batch, cores);
    const told = ({ median, quarter, threeQuarters }: typeof arms[number]["time"]) =>
      `${median.toFixed(3)} (${quarter.toFixed(2)}–${threeQuarters.toFixed(2)})`;
    const rows = arms.map(({ variant, lengthGroups, ms, cpu, tokens, time, processor }) => ({
      variant,
      groups: lengthGroups,
      "ms a step": ms.toFixed(1),
      "CPU ms a step": cpu.toFixed(1),
      "tokens a second": tokens,
      "time, one group = 1": told(time),
      "CPU time": told(processor),
    }));
    console.log(table(rows, { caption: `batch ${batch}, ${cores} cores` }).text + "\n");
    measured.push(...arms);
  }
}
const about = {
  date: new Date().toISOString().slice(0, 10),
  machine: environment(),
  rounds: ROUNDS,
};
Deno.writeTextFileSync(RESULTS, JSON.stringify({ ...about, measured }, null, 2) + "\n");
