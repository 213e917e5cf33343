/**
 * Runs one study: what has no record is trained, several runs side by side. Ctrl-C loses nothing;
 * run it again and it goes on.
 *
 *     deno task study NAME [--scale laptop] [--seeds 3] [--budget 60] [--device gpu] [--fresh]
 *     deno task study NAME --engine slurm [--partition P] [--time 1:00:00] [--cpus 4] [--detach]
 *
 * @module
 */

import { SCALES } from "../lib/generator/mod.ts";
import { STUDIES, studyNamed } from "../lib/studies/mod.ts";
import { claimsTable, regimeOf, runStudy } from "../lib/study/mod.ts";
import { slurm } from "../lib/sweep/mod.ts";
import { choice, commandLine, number } from "./command_line.ts";
import { deviceNamed } from "./device.ts";

const USAGE = `deno task study NAME [options]

  NAME            one of ${STUDIES.map(({ name }) => name).join(", ")}
  --scale NAME    ${SCALES.join(", ")}; laptop by default
  --seeds N       seeds of the headline arms; the study's own number by default
  --budget MIN    minutes it may take; 10 by default, and it says what it needs
  --device NAME   cpu or gpu; what FACTLAB_DEVICE names by default, or cpu
  --workers N     processes side by side; one a core by default, one a GPU on device gpu
  --beside N      runs of one shape that each of them trains in one program on device gpu; by
                  default 8 of models narrower than 512 in batches of less than 64, else 1
  --next          in the regime that the scale stands for, where the records that the study is
                  told by are still of the one before
  --fresh         train again what has a record; called again, it goes on until all is trained

On a cluster, from a login node, with the checkout in a folder that all nodes share:
  --engine slurm  a job for every run; go on following them by the same command
  --partition P, --time LIMIT, --cpus N   what jobs ask for; N is 2 by default
  --gpus N        GPUs of a job as sbatch takes them; 1 on device gpu by default, 0 asks for none
  --detach        submit what can begin and do not follow`;

const OPTIONS = {
  scale: "text",
  seeds: "text",
  budget: "text",
  device: "text",
  workers: "text",
  beside: "text",
  fresh: "flag",
  next: "flag",
  engine: "text",
  partition: "text",
  time: "text",
  cpus: "text",
  gpus: "text",
  detach: "flag",
} as const;

const whole = (name: string, text: string | undefined) =>
  number(`--${name}`, text, { whole: true, least: 1 });

const asked = commandLine({
  usage: USAGE,
  options: OPTIONS,
  names: true,
  anywhere: true,
  read(given, names) {
    const [name] = names;
    if (name === undefined || names.length > 1) {
      throw new Error(`it takes one NAME, got ${names.join(" ") || "none"}`);
    }
    const scale = choice("--scale", given.scale, SCALES);
    return {
      study: studyNamed(name),
      scale,
      regime: given.next ? regimeOf(scale ?? "laptop") : undefined,
      seeds: whole("seeds", given.seeds),
      device: deviceNamed(given.device, "Cannot run a study"),
      workers: whole("workers", given.workers),
      beside: whole("beside", given.beside),
      budgetMinutes: whole("budget", given.budget),
      fresh: given.fresh,
      engine: engineOf(given),
    };
  },
});

/** What is for a cluster alone. */
interface Asked {
  partition?: string;
  time?: string;
  cpus?: string;
  gpus?: string;
  detach?: boolean;
}

function engineOf({ engine = "local", ...given }: Asked & { engine?: string }) {
  const { partition, time, cpus, gpus, detach } = given;
  const asked = { partition, time, cpus, gpus, detach };
  if (choice("--engine", engine, ["local", "slurm"]) === "slurm") {
    return slurm({ ...asked, cpus: whole("cpus", cpus) });
  }
  const [needless] = Object.entries(asked).find(([, value]) => value !== undefined) ?? [];
  if (needless) throw new Error(`Cannot run a study: --${needless} is for --engine slurm.`);
  return undefined;
}

try {
  const { study, ...rest } = asked;
  const results = await runStudy(study, rest);
  console.log(`\n${results.experiment.table(results).text}\n\n${claimsTable(results).text}`);
  const missing = results.trials.filter(({ record }) => !record).length;
  if (missing > 0) {
    console.log(`\n${missing} of ${results.trials.length} runs have no record yet.`);
    Deno.exit(1);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(2);
}
