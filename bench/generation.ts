/**
 * Tokens a second against Hugging Face's `generate`: `deno task bench:generation`. A committed model
 * continues the same prompts side by side in both, with a key-value cache in both; variants take
 * turns. First float32 must agree on the tokens. Writes bench/results/generation.json.
 *
 * @module
 */

import { fileURLToPath, pathToFileURL } from "node:url";
import { table } from "../lib/display/mod.ts";
import { availableCores, environment, openTensorFlow } from "../lib/engine/mod.ts";
import { currentCommit, findModel, openModel } from "../lib/trainer/mod.ts";
import { batchAt, sentencesOf } from "../lib/generator/mod.ts";
import { commandLine, number } from "../tools/command_line.ts";
import { pythonEnvironment } from "../tools/python.ts";
import { median } from "../lib/readings/mod.ts";
import { startProcess } from "./worker.ts";

const { rounds, model } = commandLine({
  usage: `deno task bench:generation [options]

Tokens a second of answers, against transformers' generate; into bench/results/generation.json.

  --rounds N      turns of every variant, 15 by default; with others nothing is written
  --model FOLDER  the model, as exportModel writes it; the headline run's by default`,
  options: { rounds: "text", model: "text" },
  read: ({ rounds, model }) => ({
    rounds: number("--rounds", rounds, { whole: true, least: 1 }),
    model,
  }),
});

const RESULTS = "bench/results/generation.json";
const ROUNDS = 15;
/** Prompts side by side, and tokens that are added to each. */
const SIZE = { prompts: 64, added: 16 } as const;
/** The committed model of the headline run, seed 0. */
const MODEL = "287f5d59c423";
/** Share of answers that float32 must agree on: a tie may be broken either way. */
const AGREE = 0.95;
const PYTHON = ".cache/interop";

const VARIANTS = ["fp32", "bf16"].flatMap((precision) =>
  ["greedy", "drawn"].flatMap((how) =>
    ["ours", "transformers"].map((side) => ({ side, precision, how }))
  )
);

await openTensorFlow();
await pythonEnvironment(PYTHON, "tests/interop/requirements.txt");
const folder = model ? pathToFileURL(`${Deno.realPathSync(model)}/`) : findModel(MODEL)!;
const work = await Deno.makeTempDir({ prefix: "factlab-bench-" });
const run = await openModel(folder);
const prompts = sentencesOf(batchAt(run.corpus, { step: 0, batch: SIZE.prompts }))
  .slice(0, SIZE.prompts).map(({ prompt }) => prompt);
run.dispose();
Deno.writeTextFileSync(
  `${work}/asked.json`,
  JSON.stringify({ prompts, added: SIZE.added }),
);

/** What a worker answers: milliseconds of each time, and the tokens of the last. */
interface Turn {
  ms: number[];
  tokens: number[][];
}

const cores = availableCores();
const workers: (
  & typeof VARIANTS[number]
  & Awaited<ReturnType<typeof startProcess>>
  & { name: string; ms: number[]; last: number[][] }
)[] = [];
for (const variant of VARIANTS) {
  const { side, precision, how } = variant;
  const name = `${side}, ${precision}, ${how}`;
  const args = [precision, how, fileURLToPath(folder), `${work}/asked.json`, String(cores)];
  const program = side === "ours"
    ? [Deno.execPath(), "run", "-A", "bench/generation_ours.ts"]
    : [`${PYTHON}/bin/python`, "-E", "bench/generation_worker.py"];
  const env = { OMP_NUM_THREADS: String(cores) };
  const process = await startProcess(name, [...program, ...args], env);
  workers.push({ ...variant, name, ...process, ms: [] as number[], last: [] as number[][] });
}
try {
  const turn = async (worker: typeof workers[number]) => {
    const { ms, tokens } = await worker.ask({ times: 1 }) as Turn;
    worker.last = tokens;
    return ms;
  };
  // The first turn compiles, and says whether both say the same.
  for (const worker of workers) await turn(worker);
  const saying = (side: string) =>
    workers.find((own) => own.side === side && own.precision === "fp32" && own.how === "greedy")!
      .last.map(String);
  const [ours, theirs] = [saying("ours"), saying("transformers")];
  const agreeing = ours.filter((own, i) => own === theirs[i]).length / ours.length;
  if (agreeing < AGREE) {
    throw new Error(
      `Cannot compare: at least ${AGREE} of the answers must be the same, got ${agreeing}.`,
    );
  }
  for (let round = 0; round < (rounds ?? ROUNDS); round++) {
    for (const worker of workers) worker.ms.push(...await turn(worker));
  }
  const measured = workers.map(({ name, side, precision, how, ms, last }) => {
    const count = last.reduce((sum, { length }) => sum + length, 0);
    return {
      ...{ name, side, precision, how },
      ms: Number(median(ms).toFixed(2)),
      range: [Math.min(...ms), Math.max(...ms)].map((own) => Number(own.toFixed(2))),
      "tokens a second": Math.round(1e3 * count / median(ms)),
      turns: ms.map((own) => Number(own.toFixed(2))),
    };
  });
  const ratios = measured.filter(({ side }) => side === "ours").map(({ precision, how, turns }) => {
    const rival = measured.find((own) =>
      own.side !== "ours" && own.precision === precision && own.how === how
    )!;
    const ratio = median(rival.turns.map((ms, i) => ms / turns[i]!));
    return { precision, how, ratio: Number(ratio.toFixed(2)) };
  });
  console.log(
    table(measured.map(({ turns: _, side: __, precision: ___, how: ____, ...own }) => own), {
      caption: `${SIZE.prompts} prompts, ${SIZE.added} tokens each, ${cores} cores; ` +
        `${(100 * agreeing).toFixed(0)} % of float32 answers are the same`,
    }).text,
  );
  for (const { precision, how, ratio } of ratios) {
    console.log(`${precision}, ${how}: transformers' time over ours ${ratio}x`);
  }
  if (rounds === undefined && model === undefined) {
    const about = {
      date: new Date().toISOString().slice(0, 10),
      commit: currentCommit()?.slice(0, 7),
      machine: environment(),
      requirements: Deno.readTextFileSync("tests/interop/requirements.txt").trim().split("\n"),
      ...{ model: MODEL, cores, size: SIZE, agreeing },
    };
    Deno.mkdirSync("bench/results", { recursive: true });
    Deno.writeTextFileSync(RESULTS, JSON.stringify({ ...about, ratios, measured }, null, 2) + "\n");
  }
} finally {
  for (const { close } of workers) await close();
  await Deno.remove(work, { recursive: true });
}
