import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { OWN_DATA, ownData } from "../../lib/generator/mod.ts";
import { openTensorFlow, tf } from "../../lib/engine/mod.ts";
import {
  type Measurement,
  parseRecord,
  recordOf,
  type Run,
  runFolder,
  type RunInput,
  train,
  type TrainOptions,
} from "../../lib/trainer/mod.ts";

await openTensorFlow();

/** Numbers of steps nobody else runs, so that no test meets a record that is not its own. */
let unusual = 37;

/** A tiny run with a hash of its own in this file. */
function input(fields: RunInput = {}): RunInput {
  return {
    scale: "smoke",
    precision: "fp32",
    people: 16,
    model: { layers: 1, mlp: 64 },
    batch: 4,
    steps: unusual++,
    evaluation: { people: 8, measurements: 3, attention: 0 },
    ...fields,
  };
}

function folderOf({ configuration }: Run): URL {
  return runFolder(configuration);
}

/** Hands runs to a test, then frees them and removes what they wrote. */
async function withRuns(
  test: (start: (input: RunInput, options?: TrainOptions) => Run) => Promise<void>,
): Promise<void> {
  const runs: Run[] = [];
  try {
    await test((input, options) => {
      const run = train(input, options);
      runs.push(run);
      return run;
    });
  } finally {
    for (const run of runs) {
      run.dispose();
      await Deno.remove(folderOf(run), { recursive: true }).catch(() => {});
    }
  }
}

async function finish(run: Run): Promise<Measurement[]> {
  const measurements = [];
  for await (const measurement of run) measurements.push(measurement);
  return measurements;
}

function files(run: Run): string[] {
  try {
    return [...Deno.readDirSync(folderOf(run))].map(({ name }) => name);
  } catch {
    return [];
  }
}

Deno.test("a run yields its measurements from step 0 to the last", () =>
  withRuns(async (start) => {
    const run = start(input({ steps: 30, seed: 71 }));
    const measurements = await finish(run);
    assertEquals(measurements.map(({ step }) => step), [0, 10, 30]);
    assertEquals(measurements.map(({ samples }) => samples), [0, 40, 120]);
    assertEquals(run.measurements, measurements);
    assertEquals(measurements[0]!.trainingLoss, null);
    assertLess(measurements[2]!.trainingLoss!, measurements[1]!.trainingLoss!);
    assertEquals(Object.keys(measurements[0]!.sets), ["training", "held-out", "new", "unseen"]);
  }));

Deno.test("training lowers the loss on what was trained on", () =>
  withRuns(async (start) => {
    const measurements = await finish(start(input({ steps: 83, optimizer: { lr: 1e-2 } })));
    const [first, last] = [measurements[0]!, measurements.at(-1)!];
    assertLess(last.sets.training.loss, 0.7 * first.sets.training.loss);
  }));

Deno.test("the same configuration gives the same measurements to the last bit", () =>
  withRuns(async (start) => {
    const same = input({ evaluation: { people: 16, measurements: 4, attention: 2 } });
    const first = await finish(start(same, { fresh: true }));
    const second = await finish(start(same, { fresh: true }));
    assertEquals(second, first);
    assert(first.some(({ attention }) => attention), "attention must be measured as well");
  }));

Deno.test("iterating a run a second time gives the same measurements again", () =>
  withRuns(async (start) => {
    const run = start(input());
    assertEquals(await finish(run), await finish(run));
  }));

Deno.test("another seed gives other measurements", () =>
  withRuns(async (start) => {
    const same = input();
    const first = await finish(start({ ...same, seed: 0 }));
    const second = await finish(start({ ...same, seed: 1 }));
    assert(first.at(-1)!.sets.training.loss !== second.at(-1)!.sets.training.loss);
  }));

Deno.test("eager and compiled runs agree", () =>
  withRuns(async (start) => {
    const same = input({ steps: 20, seed: 72 });
    const compiled = await finish(start(same, { fresh: true }));
    const eager = await finish(start(same, { fresh: true, engine: "eager" }));
    compiled.forEach(({ trainingLoss, sets }, i) => {
      const other = eager[i]!;
      assertAlmostEquals(trainingLoss ?? 0, other.trainingLoss ?? 0, 1e-3);
      assertAlmostEquals(sets.training.loss, other.sets.training.loss, 1e-2);
    });
  }));

Deno.test("a finished run is read from its record", () =>
  withRuns(async (start) => {
    const same = input();
    const trained = start(same);
    assertEquals(trained.source, "training");
    const measurements = await finish(trained);
    assert(files(trained).includes("record.jsonl"));
    assert(!files(trained).includes("record.part.jsonl"));
    const again = start(same);
    assertEquals(again.source, "record");
    assertEquals(await finish(again), measurements);
    assertEquals(again.measurements, measurements);
    // What was trained elsewhere is told as that, not as this machine.
    assertEquals(again.environment, trained.environment);
    assertEquals(again.environment.data, OWN_DATA.smoke);
    assertEquals(recordOf(again).header.environment, trained.environment);
    assertEquals(again.engine, undefined);
    assertThrows(() => again.complete("x"), Error, "await run.load()");
  }));

Deno.test("a run whose people have a number of names is trained, recorded and goes on from", () =>
  withRuns(async (start) => {
    const named = { ...input(), names: 20, steps: 40 };
    const run = start(named, { checkpoints: [40] });
    assertEquals(Math.max(...run.corpus.population.names) < 20, true);
    const losses = (await finish(run)).map(({ sets }) => sets.training.loss);
    assertLess(losses.at(-1)!, losses[0]!);
    const { header } = recordOf(run);
    assertEquals(header.configuration.names, 20);
    assertEquals(header.environment.data, ownData({ scale: "smoke", names: 20 }));
    assertEquals(start(named).source, "record");
    const tuned = start({ ...named, steps: 44, start: { run: named, step: 40 } });
    assertEquals((await finish(tuned))[0]!.sets.training.loss, losses.at(-1));
  }));

Deno.test("fresh trains although there is a record", () =>
  withRuns(async (start) => {
    const same = input();
    await finish(start(same));
    const run = start(same, { fresh: true });
    assertEquals(run.source, "training");
    await finish(run);
    assert(run.engine);
  }));

Deno.test("the record holds the configuration, the floor and every measurement", () =>
  withRuns(async (start) => {
    const run = start(input());
    const measurements = await finish(run);
    const text = Deno.readTextFileSync(new URL("record.jsonl", folderOf(run)));
    const record = parseRecord(text);
    assertEquals(record.header.hash, run.hash);
    assertEquals(record.header.configuration, JSON.parse(JSON.stringify(run.configuration)));
    assertEquals(record.header.floor, run.floor);
    assertEquals(record.header.environment.engine, {
      kind: "compiled",
      products: "fp32",
      branches: 2,
    });
    assertEquals(record.measurements, measurements);
  }));

Deno.test("a signal stops training after the current step and leaves no finished record", () =>
  withRuns(async (start) => {
    const controller = new AbortController();
    const run = start(input({ steps: 61 }), { signal: controller.signal });
    let last = 0;
    run.onStep = ({ step }) => {
      last = step;
      if (step === 7) controller.abort();
    };
    const measurements = await finish(run);
    assertEquals(last, 7);
    assertEquals(measurements.map(({ step }) => step), [0]);
    assert(!files(run).includes("record.jsonl"), `${files(run)}`);
  }));

Deno.test("a run that was aborted can be trained again, and is not taken for a record", () =>
  withRuns(async (start) => {
    const same = input();
    await finish(start(same, { signal: AbortSignal.abort() }));
    const run = start(same);
    assertEquals(run.source, "training");
    assertEquals((await finish(run)).length, 3);
  }));

Deno.test("leaving the loop early leaves no finished record", () =>
  withRuns(async (start) => {
    const run = start(input());
    for await (const { step } of run) if (step > 0) break;
    assert(!files(run).includes("record.jsonl"), `${files(run)}`);
  }));

Deno.test("timers fire while a run trains", () =>
  withRuns(async (start) => {
    const run = start(input({ steps: 59 }));
    let [ticks, steps] = [0, 0];
    const timer = setInterval(() => ticks++, 0);
    run.onStep = () => steps++;
    await finish(run);
    clearInterval(timer);
    assertEquals(steps, 59);
    assertGreater(ticks, 5);
  }));

Deno.test("training stops once the loss is below the wanted share of the floor", () =>
  withRuns(async (start) => {
    const evaluation = { people: 8, measurements: 2, attention: 0, steps: [12, 20, 24] };
    const run = start(input({ steps: 41, stopBelow: 0.5, evaluation }));
    run.onStep = ({ step }) => {
      if (step !== 16) return;
      // From here on the model seems to know everything.
      const engine = run.engine!;
      const own = engine.run.bind(engine);
      engine.run = (fn, inputs) => {
        const outputs = own(fn, inputs);
        if (!("rows" in fn.inputs)) return outputs;
        const read = () => outputs.read().map((o) => ({ ...o, loss: o.loss!.fill(0) }));
        return { ...outputs, read };
      };
    };
    const measurements = await finish(run);
    assertEquals(measurements.map(({ step }) => step), [0, 10, 12, 20]);
    assertEquals(measurements.at(-1)!.sets.training.loss, 0);
    assert(files(run).includes("record.jsonl"));
  }));

Deno.test("a learning rate that is not a number is refused before any work", () => {
  assertThrows(() => train(input({ optimizer: { lr: NaN } })), Error, "optimizer.lr");
});

Deno.test("a loss that is not finite ends the run with advice and no record", () =>
  withRuns(async (start) => {
    const run = start(input({ optimizer: { lr: 1, decay: 10, warmup: 0 }, steps: 211 }));
    // Weights of NaN stand for any divergence.
    run.onStep = ({ step }) => {
      if (step !== 3) return;
      const name = "model.norm.weight";
      const { length } = run.engine!.read([name])[name]!;
      run.engine!.write({ [name]: new Float32Array(length).fill(NaN) });
    };
    await assertRejects(() => finish(run), Error, "Lower optimizer.lr (1) or set optimizer.clip");
    assert(!files(run).includes("record.jsonl"));
  }));

Deno.test("an update that leaves the finite numbers is never written, be it the last", () =>
  withRuns(async (start) => {
    for (const [stop, why] of [[false, "sets.training.loss is NaN"], [true, " is not finite"]]) {
      const controller = new AbortController();
      const run = start(input({ steps: 12 }), { signal: controller.signal, fresh: true });
      run.onStep = ({ step }) => {
        // The last step's loss was finite, what it makes of the weights is not.
        if (step !== (stop ? 8 : 12)) return;
        const name = "model.norm.weight";
        const { length } = run.engine!.read([name])[name]!;
        run.engine!.write({ [name]: new Float32Array(length).fill(NaN) });
        if (stop) controller.abort();
      };
      await assertRejects(() => finish(run), Error, why as string);
      assert(!files(run).some((name) => /^record\.jsonl|safetensors$/.test(name)), `${files(run)}`);
    }
  }));

Deno.test("a trained model continues a prompt, a disposed one does not", () =>
  withRuns(async (start) => {
    const run = start(input());
    assertThrows(() => run.complete("I"), Error, "Cannot complete");
    await finish(run);
    const { tokens } = run.corpus.tokenizer;
    const word = tokens.slice(4).find((token) => /^\u2581\p{L}+$/u.test(token))!.slice(1);
    const options = { maxTokens: 4 };
    assertEquals(run.complete(word, options), run.complete(word, options));
    run.dispose();
    assertThrows(() => run.complete(word), Error, "Cannot complete");
  }));

Deno.test("a disposed run leaves no tensor behind", () =>
  withRuns(async (start) => {
    await finish(start(input()));
    const { numTensors } = tf.memory();
    const run = start(input());
    await finish(run);
    run.dispose();
    assertEquals(tf.memory().numTensors, numTensors);
  }));

Deno.test("between whole measurements all sets are told by the name alone; in recipe 1 one by all", async () => {
  const counts = async (recipe: number) => {
    const run = train(
      { ...input(), recipe, evaluation: { people: 8, measurements: 6, attention: 2 } },
      { fresh: true },
    );
    for await (const _ of run);
    run.dispose();
    const count = ({ sets }: Measurement) =>
      Object.values(sets).map(({ positions }) => positions?.length ?? 0);
    return run.measurements.map((m) => ({
      whole: m.sets.training.attributes !== undefined,
      count: count(m),
    }));
  };
  for (const [recipe, brief] of [[1, [6, 0, 0, 0]], [2, [1, 1, 1, 1]]] as const) {
    const measured = await counts(recipe);
    assert(measured.some(({ whole }) => whole) && measured.some(({ whole }) => !whole));
    for (const { whole, count } of measured) assertEquals(count, whole ? [6, 6, 6, 6] : [...brief]);
  }
});
