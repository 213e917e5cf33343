// Studies on another device: what nobody knows is not refused, what is known is held to the budget.

import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  MEMORY,
  paceOn,
  perRegime,
  planStudy,
  runStudy,
  secondsOf,
  type Study,
  trainMemory,
} from "../../lib/study/mod.ts";
import { threePhases } from "../../lib/studies/mod.ts";
import {
  configure,
  deviceOf,
  findRecord,
  identity,
  LOCAL,
  readRecord,
  type RunInput,
} from "../../lib/trainer/mod.ts";
import { runFolder, writeRecord } from "../../lib/trainer/record_store.ts";
import { record as recordOf, tiny } from "../sweep/stand_ins.ts";
import { comparable } from "../../tools/comparable.ts";
import { fetchPlugin } from "../../tools/plugin.ts";

const GPU = { device: { name: "NVIDIA H100 80GB HBM3", platform: "cuda" } };
const OTHER = { device: { name: "NVIDIA A100", platform: "cuda" } };

/** A study of one arm in two seeds. */
const study: Study = {
  ...threePhases,
  in: perRegime((regime) => ({
    ...threePhases.in(regime),
    arms: [{ name: "alone", run: (seed) => tiny(9290 + seed) }],
    claims: [],
  })),
};
const runs = [0, 1, 2, 3].map((seed) => tiny(9290 + seed));

/** Puts sittings into the log of a run: from, to, seconds, environment. */
function sat(
  run: RunInput,
  sittings: [number, number, number, Record<string, unknown>][],
): void {
  const folder = runFolder(configure(run));
  Deno.mkdirSync(folder, { recursive: true });
  const lines = sittings.flatMap(([from, to, seconds, environment], i) => {
    const began = `2026-01-0${i + 1}T00:00:00.000Z`;
    return [{ began, from, device: "x", environment }, { began, to, seconds }];
  });
  const text = lines.map((line) => JSON.stringify(line) + "\n").join("");
  Deno.writeTextFileSync(new URL("log.jsonl", folder), text);
}

/** Calls a test while there is none of this machine's runs. */
async function alone(test: () => unknown): Promise<void> {
  const aside = new URL("../runs.aside/", LOCAL);
  const isThere = (folder: URL) => Deno.stat(folder).then(() => true, () => false);
  const was = await isThere(LOCAL);
  if (was) await Deno.rename(LOCAL, aside);
  try {
    await test();
  } finally {
    await Deno.remove(LOCAL, { recursive: true }).catch(() => {});
    if (was) await Deno.rename(aside, LOCAL);
  }
}

Deno.test("what an accelerator takes is what whole runs of the scale took on the last one", () =>
  alone(() => {
    const [run, other] = runs.map(configure);
    assertEquals(paceOn("cpu", "smoke"), 1);
    assertEquals(paceOn("gpu", "smoke"), NaN);
    recordOf(run!);
    const cost = secondsOf(run!);
    sat(run!, [[0, 12, 0.01 * cost, {}]]);
    assertEquals(paceOn("gpu", "smoke"), NaN); // It was on cpu.
    sat(run!, [[0, 6, 0.01 * cost, GPU], [6, 12, 0.01 * cost, GPU]]);
    assertEquals(paceOn("gpu", "smoke"), NaN); // Not in one sitting.
    sat(run!, [[0, 12, 0.001 * cost, OTHER], [0, 12, 0.5 * cost, GPU], [0, 12, 0.2 * cost, GPU]]);
    assertAlmostEquals(paceOn("gpu", "smoke"), 0.2, 1e-9);
    assertEquals(paceOn("gpu", "laptop"), NaN);
    sat(other!, [[0, 12, 0.001 * cost, GPU]]); // Without a record.
    assertAlmostEquals(paceOn("gpu", "smoke"), 0.2, 1e-9);
  }));

Deno.test("a plan on a GPU knows minutes once a run of its scale was trained there", () =>
  alone(() => {
    const options = { scale: "smoke", seeds: 2 } as const;
    const cpu = planStudy(study, { ...options, workers: 1, device: "cpu" });
    assertEquals([cpu.device, cpu.toTrain, cpu.minutes > 0], ["cpu", 2, true]);
    const gpu = planStudy(study, { ...options, device: "gpu" });
    assertEquals([gpu.device, gpu.toTrain, gpu.minutes], ["gpu", 2, NaN]);
    recordOf(runs[3]!);
    sat(runs[3]!, [[0, 12, 0.1 * secondsOf(configure(runs[3]!)), GPU]]);
    const known = planStudy(study, { ...options, device: "gpu", workers: 1 });
    assertAlmostEquals(known.minutes, 0.1 * cpu.minutes, 1e-9);
    // Two side by side take as long as one, once it is known how long one takes there.
    const gpus = { ...GPU, engine: { beside: 8 } };
    sat(runs[3]!, [[0, 12, 0.12 * secondsOf(configure(runs[3]!)), gpus]]);
    const together = planStudy(study, { ...options, device: "gpu", workers: 1 });
    assertAlmostEquals(together.minutes, 0.06 * cpu.minutes, 1e-9);
    const alone = planStudy(study, { ...options, device: "gpu", workers: 1, beside: 1 });
    assertEquals(alone.minutes, NaN);
    // What is on record takes nothing, on whatever device.
    runs.forEach((run) => recordOf(run));
    assertEquals(planStudy(study, { ...options, device: "gpu" }).minutes, 0);
  }));

Deno.test("a budget of 0 trains nothing on a GPU either, whatever it would take", () =>
  alone(async () => {
    const options = { scale: "smoke", seeds: 1, device: "gpu", budgetMinutes: 0 } as const;
    const { trials } = await runStudy(study, options);
    assertEquals(trials.map(({ record }) => record), [undefined]);
  }));

Deno.test("a toy memory is trained on the device that is asked for, and its record says so", () =>
  alone(async () => {
    const before = Deno.env.get("FACTLAB_PJRT");
    Deno.env.set("FACTLAB_PJRT", await fetchPlugin());
    const memory = {
      ...MEMORY,
      pairs: 64,
      pretraining: { steps: 5, lr: 0.03 },
      tuning: { ...MEMORY.tuning, pairs: 8, steps: 2 },
    };
    try {
      const { header } = await trainMemory({ memory }, { device: "gpu" });
      assertEquals(deviceOf(header.environment), "cpu (XLA)");
    } finally {
      if (before === undefined) Deno.env.delete("FACTLAB_PJRT");
      else Deno.env.set("FACTLAB_PJRT", before);
    }
  }));

Deno.test("records of another device are not compared, nor bases made again on another", () =>
  alone(() => {
    const candidates = runs.map((run, i) => {
      recordOf(run);
      const { record } = findRecord(configure(run))!;
      const environment = [{}, GPU, {}, {}][i]!;
      writeRecord({ ...record, header: { ...record.header, environment } });
      return { record: readRecord(identity(configure(run)), "own")!.record };
    });
    const hash = runs.map((run) => identity(configure(run)));
    // Trained once more on a GPU, for a checkpoint that others begin from.
    sat(runs[2]!, [[0, 12, 1, {}], [0, 8, 1, GPU]]);
    Deno.writeTextFileSync(
      new URL("checkpoint-00000008.safetensors", runFolder(configure(runs[2]!))),
      "",
    );
    sat(runs[3]!, [[0, 12, 1, GPU]]); // No checkpoint is left of it.
    const on = (device: string) => {
      const { kept, leftOut } = comparable(candidates, device);
      return { kept: kept.map(({ record }) => record.header.hash), leftOut };
    };
    assertEquals(on("cpu"), {
      kept: [hash[0]!, hash[3]!],
      leftOut: [
        `Left out on cpu: 1 records, trained on NVIDIA H100 80GB HBM3: ${hash[1]}.`,
        "Left out on cpu: 1 records, with checkpoints here that were made on NVIDIA H100 80GB " +
        `HBM3, from which other runs may begin: ${hash[2]}.`,
      ],
    });
    assertEquals(on("NVIDIA H100 80GB HBM3").kept, [hash[1]!]);
  }));
