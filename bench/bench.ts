/**
 * Speed against PyTorch on this machine: `deno task bench`. Variants stand ready as processes
 * and take turns; first they must agree on the losses of the same model on the same batches.
 *
 * @module
 */

import { table } from "../lib/display/mod.ts";
import { median } from "../lib/readings/mod.ts";
import { currentCommit } from "../lib/trainer/mod.ts";
import { choice, commandLine } from "../tools/command_line.ts";
import { deviceNamed } from "../tools/device.ts";
import { pythonEnvironment } from "../tools/python.ts";
import { availableCores, type DeviceInfo, engineOn } from "../lib/engine/mod.ts";
import {
  type Activation,
  GPU_SHAPES,
  GPU_VARIANTS,
  type Shape,
  SHAPES,
  type Variant,
  VARIANTS,
} from "./variants.ts";
import { startWorker, TORCH, type Worker } from "./worker.ts";

const RESULTS = "bench/results";
const ROUNDS = 5;
/** Time a variant trains for in each round. */
const ROUND_SECONDS = 1;
/** Steps on which both sides must agree, and how far apart their fp32 losses may be. */
const AGREE = { steps: 20, within: 1e-3 };

/** What was measured of one variant. */
interface Measured {
  variant: string;
  /** Median of the rounds' medians, ms a step, and their extremes. */
  ms: number;
  min: number;
  max: number;
  /** Tokens a second that are learned, padding not counted: median of the rounds'. */
  tokens: number;
  /** Peak resident memory, MiB. */
  peak: number;
  rounds: number[];
  /** Largest relative distance of the first losses from compiled fp32's. */
  distance: number;
}

/** All that was measured of one shape with one activation. */
interface Comparison {
  shape: Shape;
  activation: Activation;
  /** PyTorch's best mode over our best, round by round: the median. */
  ratio: number;
  best: string;
  variants: Measured[];
  /** On a GPU: seconds from a process's start to its first step. */
  startUp?: { cold: number; warm: number };
}

async function compare(
  shape: Shape,
  activation: Activation,
  variants: Variant[],
): Promise<Comparison> {
  const folder = await Deno.makeTempDir({ prefix: "factlab-bench-" });
  const workers: Worker[] = [];
  try {
    const common = { shape, activation, cores: availableCores(), folder };
    for (const variant of variants) {
      workers.push(await startWorker(variant, { ...common, write: workers.length === 0 }));
    }
    const warm = new Map<Worker, { losses: number[]; steps: number }>();
    for (const worker of workers) {
      const { ms, losses } = await worker.run(AGREE.steps);
      const steps = Math.max(2, Math.round(1e3 * ROUND_SECONDS / median(ms.slice(5))));
      warm.set(worker, { losses, steps });
    }
    // Compiled fp32, wherever it runs.
    const ours = workers.find(({ variant: { side, mode } }) =>
      side === "ours" && mode.endsWith("fp32")
    );
    const reference = warm.get(ours!)!.losses;
    const distances = new Map(workers.map((worker) => {
      const { losses } = warm.get(worker)!;
      const distance = Math.max(
        ...losses.map((loss, i) => Math.abs(loss - reference[i]!) / reference[i]!),
      );
      const { name, mode } = worker.variant;
      if (/fp32|eager$/.test(mode) && distance > AGREE.within) {
        throw new Error(
          `Cannot compare: ${name}'s losses differ from ours by ${
            distance.toExponential(1)
          } over ` +
            `${AGREE.steps} steps (${shape.name}, ${activation}); at most ${AGREE.within} is allowed.`,
        );
      }
      return [worker, distance];
    }));
    const rounds = new Map(workers.map((worker) => [worker, [] as number[]]));
    const speeds = new Map(workers.map((worker) => [worker, [] as number[]]));
    const peaks = new Map<Worker, number>();
    for (let round = 0; round < ROUNDS; round++) {
      for (const worker of workers) {
        const { ms, tokens, peak } = await worker.run(warm.get(worker)!.steps);
        rounds.get(worker)!.push(median(ms));
        speeds.get(worker)!.push(1e3 * median(tokens.map((count, i) => count / ms[i]!)));
        peaks.set(worker, peak);
        // Threads of the one before may still be spinning.
        await new Promise((resume) => setTimeout(resume, 250));
      }
    }
    const measured = workers.map((worker) => ({
      variant: worker.variant.name,
      ms: median(rounds.get(worker)!),
      min: Math.min(...rounds.get(worker)!),
      max: Math.max(...rounds.get(worker)!),
      tokens: Math.round(median(speeds.get(worker)!)),
      peak: Math.round(peaks.get(worker)!),
      rounds: rounds.get(worker)!.map((ms) => Number(ms.toFixed(2))),
      distance: Number(distances.get(worker)!.toPrecision(2)),
    }));
    const bestOf = (side: string) =>
      measured.filter(({ variant }) => variant.startsWith(side)).sort((a, b) => a.ms - b.ms)[0];
    const [best, theirs] = [bestOf("ours")!, bestOf("PyTorch")];
    const ratio = theirs ? median(theirs.rounds.map((ms, i) => ms / best.rounds[i]!)) : NaN;
    return { shape, activation, ratio, best: theirs?.variant ?? "-", variants: measured };
  } finally {
    for (const worker of workers) await worker.close();
    await Deno.remove(folder, { recursive: true });
  }
}

function report({ shape, activation, ratio, variants }: Comparison): void {
  const rows = variants.map(({ variant, ms, min, max, tokens, peak, distance }) => ({
    variant,
    "ms a step": ms.toFixed(1),
    "min–max": `${min.toFixed(1)}–${max.toFixed(1)}`,
    "tokens a second": tokens,
    "peak MiB": peak,
    "loss distance": distance.toExponential(1),
  }));
  const { layers, width, heads, vocabulary, batch, length } = shape;
  const text = `${shape.name}: ${layers} layers, width ${width}, ${heads} heads, vocabulary ` +
    `${vocabulary}, batch ${batch} x ${length}, ${activation}; PyTorch's best over ours: ` +
    (ratio ? `${ratio.toFixed(2)}x` : "not measured");
  console.log(table(rows, { caption: text }).text + "\n");
}

/** PyTorch modes that won some comparison of the last full bench, best known first. */
function lastWinners(): string[] {
  try {
    const last: { comparisons: Comparison[] } = JSON.parse(
      Deno.readTextFileSync(`${RESULTS}/full.json`),
    );
    const wins = new Map<string, number>();
    for (const { variants } of last.comparisons) {
      const theirs = variants.filter(({ variant }) => variant.startsWith("PyTorch"));
      const [first] = theirs.sort((a, b) => a.ms - b.ms);
      if (first) wins.set(first.variant, (wins.get(first.variant) ?? 0) + 1);
    }
    return [...wins].sort((a, b) => b[1] - a[1]).map(([name]) => name).slice(0, 2);
  } catch {
    return [];
  }
}

/** Whether what is measured differs from its commit; a bundle does not. */
async function isChanged(): Promise<boolean> {
  const args = ["status", "--porcelain", "lib", "bench/*.ts", "bench/*.py"];
  const { stdout } = await new Deno.Command("git", { args }).output()
    .catch(() => ({ stdout: new Uint8Array() }));
  return stdout.length > 0;
}

/** Seconds from a process's start to its first step's loss, with no compiled program and with one. */
async function startUp(shape: Shape): Promise<{ cold: number; warm: number }> {
  const [folder, out] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  const variant = GPU_VARIANTS.find(({ mode }) => mode === "gpu-bf16")!;
  const once = async () => {
    const start = performance.now();
    const options = { shape, activation: "relu2", cores: availableCores(), folder } as const;
    const worker = await startWorker(variant, { ...options, env: { FACTLAB_OUT: out } });
    await worker.run(1);
    const seconds = (performance.now() - start) / 1e3;
    await worker.close();
    return Number(seconds.toFixed(1));
  };
  try {
    return { cold: await once(), warm: await once() };
  } finally {
    for (const each of [folder, out]) await Deno.remove(each, { recursive: true });
  }
}

/** Version of the active Python's PyTorch; undefined if there is none that sees a GPU. */
async function gpuTorch(): Promise<string | undefined> {
  const asked =
    "import torch, sys; print(torch.__version__); sys.exit(not torch.cuda.is_available())";
  const { success, stdout } = await new Deno.Command("python3", { args: ["-c", asked] }).output()
    .catch(() => ({ success: false, stdout: new Uint8Array() }));
  if (success) return new TextDecoder().decode(stdout).trim();
  console.log("The active Python has no PyTorch that sees a GPU: ours is measured alone.");
}

/** Version of the PyTorch that the bench has installed. */
function ownTorch(): string | undefined {
  return /torch==(\S+)/.exec(Deno.readTextFileSync("bench/requirements.txt"))?.[1];
}

const USAGE = `deno task bench [options]

Speed against PyTorch on this machine, side by side.

  --device gpu       on the GPU of this machine, PyTorch of the active Python; squared ReLU only
  --quick            squared ReLU only, the two PyTorch modes that won the last full bench
  --shapes A,B       only these: ${SHAPES.map(({ name }) => name).join(", ")}; on a GPU
                     ${GPU_SHAPES.map(({ name }) => name).join(", ")}`;

const { isGpu, quick, shapes } = commandLine({
  usage: USAGE,
  options: { device: "text", quick: "flag", shapes: "text" },
  read(given) {
    const isGpu = deviceNamed(given.device, "Cannot run the bench") === "gpu";
    const all = isGpu ? GPU_SHAPES : SHAPES;
    const names = given.shapes?.split(",");
    for (const name of names ?? []) choice("--shapes", name, all.map((shape) => shape.name));
    const shapes = all.filter(({ name }) => names?.includes(name) ?? true);
    return { isGpu, quick: given.quick, shapes };
  },
});
if (!isGpu) await pythonEnvironment(TORCH, "bench/requirements.txt");
const winners = lastWinners();
const rivals = winners.length > 0 ? winners : ["PyTorch eager bf16 autocast", "PyTorch eager fp32"];
const comparisons: Comparison[] = [];
// Its version belongs to the results; workers do the work.
const kind = engineOn(isGpu ? "gpu" : "cpu");
await kind.open({});
const about = {
  date: new Date().toISOString().slice(0, 10),
  commit: currentCommit()?.slice(0, 7),
  changed: await isChanged(),
  machine: kind.about(),
  torch: isGpu ? await gpuTorch() : ownTorch(),
  cores: availableCores(),
  rounds: ROUNDS,
};

/** Keeps what has been measured so far. */
function write(): void {
  const file = `${RESULTS}/${isGpu ? "gpu" : quick ? "quick" : "full"}.json`;
  Deno.mkdirSync(RESULTS, { recursive: true });
  Deno.writeTextFileSync(file, JSON.stringify({ ...about, comparisons }, null, 2) + "\n");
}

const gpu = GPU_VARIANTS.filter(({ side }) => side === "ours" || about.torch !== undefined);
for (const activation of (quick || isGpu ? ["relu2"] : ["relu2", "gelu"]) as Activation[]) {
  for (const shape of shapes) {
    const variants = isGpu
      ? gpu
      : VARIANTS.filter(({ name, side, mode }) =>
        quick
          ? side === "ours" ? mode !== "eager" : rivals.includes(name)
          // One op at a time, the paper's model takes seconds a step.
          : !(mode === "eager" && shape.name === "paper")
      );
    const comparison = await compare(shape, activation, variants);
    report(comparison);
    if (isGpu) {
      comparison.startUp = await startUp(shape);
      const { cold, warm } = comparison.startUp;
      console.log(`start to first step: ${cold} s, ${warm} s with its program on disk\n`);
    }
    comparisons.push(comparison);
    const isReal = (kind.about().device as DeviceInfo | undefined)?.platform !== "cpu";
    if (isGpu ? isReal : shapes.length === SHAPES.length) write();
  }
}
const ratio = (name: string) =>
  comparisons.find(({ shape, activation }) => shape.name === name && activation === "relu2")
    ?.ratio.toFixed(2).replace("NaN", "-") ?? "-";
console.log(
  isGpu
    ? `best-ratio gpu laptop=${ratio("laptop")} paper=${ratio("paper")}`
    : `best-ratio 1.0M=${ratio("1.0M")} 4.2M=${ratio("4.2M")} paper=${ratio("paper")}`,
);
