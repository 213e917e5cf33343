/**
 * Runs one study: what has no record is trained, several runs side by side. Ctrl-C loses nothing;
 * run it again and it goes on.
 *
 *     deno task study NAME [--scale laptop] [--seeds 3] [--budget 60] [--device gpu] [--fresh]
 *     deno task study NAME --engine slurm [--partition P] [--time 1:00:00] [--cpus 4] [--detach]
 *
 * @module
 */

import { parseArgs } from "node:util";
import { type Scale, SCALES } from "../lib/generator/mod.ts";
import { STUDIES, studyNamed } from "../lib/studies/mod.ts";
import { claimsTable, regimeOf, runStudy } from "../lib/study/mod.ts";
import { slurm } from "../lib/sweep/mod.ts";
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

function options() {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: {
      scale: { type: "string" },
      seeds: { type: "string" },
      budget: { type: "string" },
      device: { type: "string" },
      workers: { type: "string" },
      beside: { type: "string" },
      fresh: { type: "boolean" },
      next: { type: "boolean" },
      engine: { type: "string" },
      partition: { type: "string" },
      time: { type: "string" },
      cpus: { type: "string" },
      gpus: { type: "string" },
      detach: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(USAGE);
    Deno.exit(0);
  }
  if (positionals.length !== 1) throw new Error(`Cannot run a study: give one name.\n\n${USAGE}`);
  const { scale } = values;
  if (scale !== undefined && !SCALES.includes(scale as Scale)) {
    throw new Error(
      `Cannot run a study: --scale must be one of ${SCALES.join(", ")}, got ${scale}.`,
    );
  }
  return {
    study: studyNamed(positionals[0]!),
    scale: scale as Scale | undefined,
    regime: values.next ? regimeOf(scale as Scale | undefined ?? "laptop") : undefined,
    seeds: whole("seeds", values.seeds),
    device: deviceNamed(values.device, "Cannot run a study"),
    workers: whole("workers", values.workers),
    beside: whole("beside", values.beside),
    budgetMinutes: whole("budget", values.budget),
    fresh: values.fresh,
    engine: engineOf(values),
  };
}

/** What is for a cluster alone. */
interface Asked {
  partition?: string;
  time?: string;
  cpus?: string;
  gpus?: string;
  detach?: boolean;
}

function engineOf({ engine = "local", ...values }: Asked & { engine?: string }) {
  const { partition, time, cpus, gpus, detach } = values;
  const asked = { partition, time, cpus, gpus, detach };
  if (engine === "slurm") return slurm({ ...asked, cpus: whole("cpus", cpus) });
  if (engine !== "local") {
    throw new Error(`Cannot run a study: --engine must be local or slurm, got ${engine}.`);
  }
  const [needless] = Object.entries(asked).find(([, value]) => value !== undefined) ?? [];
  if (needless) throw new Error(`Cannot run a study: --${needless} is for --engine slurm.`);
  return undefined;
}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(
    `Cannot run a study: --${name} must be a whole number of at least 1, got ${text}.`,
  );
}

try {
  const { study, ...rest } = options();
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
