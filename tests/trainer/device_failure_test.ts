// A device that is not there, or fails in the middle: what is said, and that nothing is lost.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { fetchPlugin } from "../../tools/plugin.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const plugin = await fetchPlugin();

/** A plugin that is the tests' one until it is to fail, as SHIM_… in the environment say. */
async function failingPlugin(): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".so" });
  const source = `${ROOT}tests/engine/failing_plugin.c`;
  const { success, stderr } = await new Deno.Command("g++", {
    args: [..."-x c -shared -fPIC -w -o".split(" "), path, source, "-ldl"],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return path;
}

const failing = await failingPlugin();
globalThis.addEventListener("unload", () => Deno.removeSync(failing));

const TRAINING = `
  import { configure, runFolder, train } from "./lib/trainer/mod.ts";
  import { checkpointSteps } from "./lib/trainer/checkpoint.ts";
  const { POISON, FORGET } = Deno.env.toObject();
  const input = {
    scale: "smoke", people: 8, steps: 60, seed: 5601, model: { layers: 1, mlp: 32 },
    evaluation: { people: 8, measurements: 3, attention: 0, steps: POISON ? [] : [20, 40] },
  };
  const folder = runFolder(configure(input));
  if (FORGET) await Deno.remove(folder, { recursive: true }).catch(() => {});
  const run = train(input, { device: "gpu", checkpointSeconds: POISON ? 1e6 : 0 });
  run.onStep = ({ step }) => {
    if (step !== 12 || !POISON) return;
    const name = "model.norm.weight";
    run.engine.write({ [name]: run.engine.read([name])[name].fill(NaN) });
  };
  let said = "finished";
  try {
    for await (const _ of run);
  } catch (error) {
    said = error.message;
  }
  const steps = checkpointSteps(folder);
  console.log(JSON.stringify({ said, resumedAt: run.resumedAt, steps, state: run.measurements.at(-1) }));
`;

/** Trains in a process of its own. */
async function trainApart(env: Record<string, string>) {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", TRAINING],
    cwd: ROOT,
    env: { FACTLAB_PJRT: plugin, FACTLAB_FRESH: "", ...env },
  }).output();
  const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert(text!.startsWith("{"), errors);
  return JSON.parse(text!) as {
    said: string;
    resumedAt?: number;
    steps: number[];
    state: unknown;
  };
}

const shim = (fail: number, code: number, text: string) => ({
  FACTLAB_PJRT: failing,
  SHIM_PLUGIN: plugin,
  SHIM_FAIL: String(fail),
  SHIM_CODE: String(code),
  SHIM_TEXT: text,
});

/** What becomes of the run if nothing fails. */
const whole = await trainApart({ FORGET: "1" });

for (
  const [what, env, expected] of [
    ["is lost", shim(10, 13, "CUDA_ERROR_ECC_UNCORRECTABLE"), /the device cpu has failed .*ECC/],
    ["has no memory left", shim(10, 8, "RESOURCE_EXHAUSTED"), /no memory left.*Lower batch/],
    [
      "fails while it works",
      { ...shim(0, 13, "CUDA_ERROR_LAUNCH_FAILED"), SHIM_WAIT: "200" },
      /the device cpu has failed .*LAUNCH_FAILED/,
    ],
  ] as const
) {
  Deno.test(`a device that ${what} in the middle ends the run, whose checkpoint goes on`, async () => {
    assertEquals(whole.said, "finished");
    const broken = await trainApart({ FORGET: "1", ...env });
    assertMatch(broken.said, expected);
    assertStringIncludes(broken.said, "last checkpoint is intact");
    const [last] = broken.steps;
    assert(last! > 0 && last! < 60, `checkpoints of ${broken.steps}`);
    const mended = await trainApart({});
    assertEquals([mended.said, mended.resumedAt], ["finished", last]);
    assertEquals(mended.state, whole.state);
  });
}

Deno.test("a copy that has failed says so when it is read, however late", async () => {
  const code = `
    import { openXla, tf, xla } from "./lib/engine/mod.ts";
    await openXla();
    const inputs = { x: { shape: [2], dtype: "float32" } };
    const add = {
      inputs,
      run: ({ W }, { x }) => ({ outputs: { loss: tf.sum(x) }, state: { W: tf.add(W, x) } }),
    };
    const engine = xla({ state: { W: [2] }, calls: [{ functions: [add] }] });
    const late = engine.run(add, [{ x: new Float32Array([1, 2]) }]);
    await new Promise((go) => setTimeout(go, 200));
    // Every wait fails from now on, that for the copy of the loss, too, which another copy ends.
    Deno.env.set("SHIM_WAIT", "1");
    try { engine.read(); } catch { /* Its own copies fail as well. */ }
    Deno.env.set("SHIM_WAIT", "0");
    try { console.log(late.read()[0].loss[0]); } catch (error) { console.log(error.message); }
  `;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", code],
    cwd: ROOT,
    env: shim(0, 13, "CUDA_ERROR_LAUNCH_FAILED"),
  }).output();
  assertMatch(
    new TextDecoder().decode(stdout),
    /has failed .*LAUNCH_FAILED/,
    new TextDecoder().decode(stderr),
  );
});

Deno.test("a loss that is not finite is told with its step, and nothing after it is kept", async () => {
  const { said, steps } = await trainApart({ FORGET: "1", POISON: "1" });
  const [, at] = /the loss is NaN at step (\d+)/.exec(said) ?? [];
  assert(at !== undefined, said);
  assert(steps.every((step) => step <= Number(at)), `checkpoints of ${steps}, bad from ${at}`);
});

Deno.test("a plugin that is not there, is none, or is too old is refused before any work", async () => {
  const refused = async (env: Record<string, string>) =>
    (await trainApart({ FORGET: "1", ...env })).said;
  assertMatch(
    await refused({ FACTLAB_PJRT: "/nowhere.so" }),
    /FACTLAB_PJRT must name a file, got "\/nowhere.so"/,
  );
  assertMatch(await refused({ FACTLAB_PJRT: `${ROOT}README.md` }), /must be a PJRT plugin that/);
  assertMatch(
    await refused({ ...shim(0, 0, ""), SHIM_MINOR: "90" }),
    /must be 0\.106 or newer, got 0\.90.*setup --gpu/,
  );
  const none = await refused({ FACTLAB_PJRT: "", PATH: "" });
  assertMatch(none, /there is no PJRT plugin|no NVIDIA driver/);
  const cuda = `${await Deno.makeTempDir()}/xla_cuda13`;
  await Deno.mkdir(cuda);
  await Deno.symlink(plugin, `${cuda}/xla_cuda_plugin.so`);
  const driver = await refused({ FACTLAB_PJRT: `${cuda}/xla_cuda_plugin.so` });
  assertMatch(driver, /no NVIDIA driver|no GPU can be seen|must be made for CUDA/);
  await Deno.remove(cuda, { recursive: true });
});
