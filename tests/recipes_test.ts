// CONTRIBUTING's recipes, each followed in a copy: what it names is all that has to be touched.

import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Files that a recipe names, with its NAME in place of NAME. */
function filesOf(title: string, name: string): string[] {
  const text = Deno.readTextFileSync(`${ROOT}CONTRIBUTING.md`);
  const section = text.split(/^### /m).find((part) => part.startsWith(`${title}\n`));
  assert(section, `CONTRIBUTING has no recipe "${title}"`);
  return [...section.matchAll(/^- `([^`]+)`:/gm)].map(([, file]) => file!.replaceAll("NAME", name));
}

/** What becomes of a file: all of its text, or a change of the text it has. */
type Edit = string | ((text: string) => string);

/** Puts texts in the place of others, each of which must be there. */
const put = (...changes: [string, string][]) => (text: string) =>
  changes.reduce((now, [from, to]) => {
    assert(now.includes(from), `"${from}" is not in the file`);
    return now.replace(from, to);
  }, text);

/** Follows a recipe in a copy of the checkout and runs a script there; returns what it prints. */
async function follow(
  title: string,
  { name, edits, script }: { name: string; edits: Record<string, Edit>; script: string },
): Promise<string[]> {
  assertEquals(Object.keys(edits).sort(), filesOf(title, name).sort());
  const root = Deno.makeTempDirSync({ prefix: "factlab_recipe_" });
  try {
    for (const part of ["lib", "docs", "CONTRIBUTING.md", "README.md"]) {
      await new Deno.Command("cp", { args: ["-r", `${ROOT}${part}`, root] }).output();
    }
    Deno.mkdirSync(`${root}/data`);
    for (const part of ["attributes.json", "names", "templates", "values"]) {
      await new Deno.Command("cp", { args: ["-r", `${ROOT}data/${part}`, `${root}/data`] })
        .output();
    }
    for (const part of ["deno.json", "deno.lock", "node_modules", "tests", ".cache"]) {
      Deno.symlinkSync(`${ROOT}${part}`, `${root}/${part}`);
    }
    for (const [path, edit] of Object.entries(edits)) {
      const file = `${root}/${path}`;
      Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      Deno.writeTextFileSync(
        file,
        typeof edit === "string" ? edit : edit(Deno.readTextFileSync(file)),
      );
    }
    Deno.writeTextFileSync(`${root}/script.ts`, script);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--check", "script.ts"],
      cwd: root,
      env: { NO_COLOR: "1", FACTLAB_OUT: `${root}/out`, FACTLAB_FRESH: "" },
    }).output();
    const [said, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert(said !== "", errors);
    return said!.trim().split("\n");
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

/** The name of the plain smoke run: what is added and not used leaves it as it is. */
const SMOKE = "4e378f1790da";

Deno.test("an attribute is one entry and three lists", async () => {
  const sentences = (count: number, text: (i: string) => string) =>
    Array.from({ length: count }, (_, i) => text("very ".repeat(i)) + "\n").join("");
  const said = await follow("An attribute of people", {
    name: "pet",
    edits: {
      "data/attributes.json": (text) =>
        text.trimEnd().replace(
          /\n\]$/,
          `,\n  { "name": "pet", "label": "pet", "values": "pets",\n` +
            `    "size": { "smoke": 6, "laptop": 6, "paper": 6 } }\n]\n`,
        ),
      "data/values/pets.txt": "dog\ncat\nhorse\nparrot\nnewt\ntortoise\n",
      "data/templates/pet.txt": sentences(25, (very) => `{name} is ${very}fond of a {value}.`),
      "data/templates/questions/pet.txt": sentences(
        5,
        (very) => `What pet is {name} ${very}fond of?`,
      ),
    },
    script: `
      import { batchAt, configure, corpusOf, identity, personOf } from "./lib/mod.ts";
      const configuration = configure({ scale: "smoke", recipe: 1 });
      const corpus = corpusOf(configuration);
      const [biography] = batchAt(corpus, { step: 0, batch: 1 });
      const { values } = personOf(corpus.population, biography!.person);
      console.log(values.pet, corpus.tokenizer.decode(biography!.tokens).includes(values.pet!));
      console.log(identity(configuration) === "${SMOKE}");`,
  });
  assert(/^(dog|cat|horse|parrot|newt|tortoise) true$/.test(said[0]!), said[0]);
  // Runs about other people are other runs.
  assertEquals(said[1], "false");
});

Deno.test("a distribution is a form with its weights, and a schema", async () => {
  const said = await follow("A distribution over people", {
    name: "linear",
    edits: {
      "lib/generator/distribution.ts": put(
        [
          `  | { kind: "power-law"; alpha: number };`,
          `  | { kind: "power-law"; alpha: number }
  | { kind: "linear"; slope: number };`,
        ],
        [
          `  } else {\n    for (const { from`,
          `  } else if (distribution.kind === "linear") {
    for (let i = 0; i < people; i++) weights[i] = 1 + distribution.slope * (people - i);
  } else {\n    for (const { from`,
        ],
      ),
      "lib/generator/schedule_schema.ts": put([
        `  z.strictObject({ kind: z.literal("power-law")`,
        `  z.strictObject({ kind: z.literal("linear"), slope: weight }),
  z.strictObject({ kind: z.literal("power-law")`,
      ]),
    },
    script: `
      import { configure, identity, probabilities, train } from "./lib/mod.ts";
      const people = { kind: "linear", slope: 1 } as const;
      console.log(probabilities(people, 2).join());
      const run = train({ scale: "smoke", steps: 20, schedule: [{ people }] });
      for await (const _ of run);
      console.log(run.finished, identity(configure({ scale: "smoke", recipe: 1 })));
      try {
        configure({ schedule: [{ people: { kind: "linear", slope: -1 } }] });
      } catch (error) { console.log((error as Error).message); }`,
  });
  assertEquals(said.slice(0, 2), ["0.6,0.4", `true ${SMOKE}`]);
  assert(said[2]!.startsWith("Cannot run: schedule.0.people.slope must be above 0"), said[2]);
});

Deno.test("a probe is a file and an entry of the list", async () => {
  const said = await follow("A probe", {
    name: "surprise",
    edits: {
      "lib/probes/surprise.ts": `
        import { z } from "zod";
        import type { Probe } from "./probe.ts";
        /** Largest loss on a value among some seen people. */
        export const surprise: Probe<"surprise", { surprise: number }, number> = {
          name: "surprise",
          settings: { surprise: { schema: z.int().min(0), off: 0 } },
          reading: z.number().describe("nats"),
          prepare({ sets, evaluation }, settings) {
            if (settings.surprise === 0) return undefined;
            const texts = sets[0]!.biographies.slice(0, settings.surprise);
            return {
              calls: [evaluation],
              read: (engine) =>
                Math.max(...evaluation.run(engine, texts).flat().map(({ loss }) => loss)),
            };
          },
        };`,
      "lib/probes/mod.ts": put(
        [
          `import { knowledge } from "./knowledge.ts";`,
          `import { knowledge } from "./knowledge.ts";\nimport { surprise } from "./surprise.ts";`,
        ],
        ["  typeof persons,\n", "  typeof persons,\n  typeof surprise,\n"],
        ["verification, persons]", "verification, persons, surprise]"],
      ),
    },
    script: `
      import { configure, findRecord, identity, recordSchema, train } from "./lib/mod.ts";
      const input = { scale: "smoke", steps: 20, evaluation: { surprise: 4 } } as const;
      const run = train(input);
      for await (const { surprise } of run) if (!(surprise! > 0)) console.log("no reading");
      console.log(findRecord(configure(input))!.record.measurements.at(-1)!.surprise! > 0);
      console.log(identity(configure({ scale: "smoke", recipe: 1 })));
      console.log(identity(configure({ scale: "smoke", recipe: 1, evaluation: { surprise: 1 } })));
      console.log(JSON.stringify(recordSchema()).includes('"surprise"'));`,
  });
  const [there, plain, asked, isInSchema] = said;
  assertEquals([there, plain, isInSchema], ["true", SMOKE, "true"]);
  assert(asked !== SMOKE);
});

Deno.test("a mixer is a file and an entry of the list", async () => {
  const said = await follow("A mixer", {
    name: "window",
    edits: {
      "lib/model/window.ts": `
        import { shift, tf } from "../engine/mod.ts";
        import type { Mixer } from "./mixer.ts";
        import { gaussian } from "./start.ts";
        /** The mean of the two positions before, after a linear map. */
        export const window: Mixer<"map"> = {
          places: [],
          parameters: ({ width }, layer) => ({
            map: {
              name: \`model.layers.\${layer}.window.weight\`,
              shape: [width, width],
              role: "mixer",
              start: gaussian(5),
            },
          }),
          output: (layer) => ({ name: \`model.layers.\${layer}.window.out.weight\`, role: "mixer" }),
          project: (_, x, weights) =>
            [tf.matMul(x as never, weights("map") as never, false, true)],
          mix: ({ width }, { B, T }) => ([mapped]) => {
            const before = tf.reshape(mapped!, [B, T, width]);
            const mean = tf.mul(tf.add(shift(before, 1), shift(before, 2)), 0.5);
            return tf.reshape(mean, [B * T, width]);
          },
        };`,
      "lib/model/mixers.ts": put(
        [
          `import { recurrent } from "./recurrent.ts";`,
          `import { recurrent } from "./recurrent.ts";\nimport { window } from "./window.ts";`,
        ],
        ["{ attention, recurrent }", "{ attention, recurrent, window }"],
      ),
    },
    script: `
      import { configure, identity, train } from "./lib/mod.ts";
      const optimizer = { lr: 1e-2 };
      const run = train({ scale: "smoke", steps: 60, model: { mixer: "window" }, optimizer });
      for await (const _ of run);
      const [first, last] = [0, -1].map((i) => run.measurements.at(i)!.sets.training.loss);
      console.log(last! < 0.7 * first!, identity(configure({ scale: "smoke", recipe: 1 })));`,
  });
  assertEquals(said, [`true ${SMOKE}`]);
});

Deno.test("an engine is a folder and an entry of the list", async () => {
  const said = await follow("An engine", {
    name: "single",
    edits: {
      "lib/engine/single/mod.ts": `
        import type { Engine, EngineOptions, Program } from "../contract.ts";
        import { eager } from "../eager.ts";
        /** Op by op, without branches. */
        export function single(program: Program, options: EngineOptions): Engine {
          return eager(program, { ...options, branches: () => 1 });
        }`,
      "lib/engine/engines.ts": put(
        [
          `import { eager } from "./eager.ts";`,
          `import { eager } from "./eager.ts";\nimport { single } from "./single/mod.ts";`,
        ],
        [
          "  // Op by op on",
          `  single: { kind: "single", device: "cpu", open: openTensorFlow, about: environment, memory: memoryGiB, build: single },
  // Op by op on`,
        ],
      ),
    },
    script: `
      import { train } from "./lib/mod.ts";
      const run = train({ scale: "smoke", steps: 12, people: 8 }, { engine: "single" });
      for await (const _ of run);
      console.log(run.finished, JSON.stringify(run.environment.engine));`,
  });
  assertEquals(said, [`true {"kind":"single","products":"fp32","branches":1}`]);
});

Deno.test("a study is a file, an entry of the list and its claims among the experiments", async () => {
  const said = await follow("A study", {
    name: "steps",
    edits: {
      "lib/studies/steps.ts": `
        import { type Arm, armsFigure, armsTable, type Study } from "../study/mod.ts";
        import { finalLoss } from "../readings/mod.ts";
        /** Twice the steps. */
        export const steps: Study = {
          name: "steps",
          title: "Twice the steps",
          notebook: "01",
          question: "Do more steps help?",
          result: "Yes.",
          seeds: 3,
          in(regime) {
            const arm = (name: string, times: number): Arm => ({
              name,
              run: (seed) => regime.run({ seed, steps: times * regime.base.steps }),
            });
            const [once, twice] = [arm("once", 1), arm("twice", 2)];
            return {
              arms: [once, twice],
              claims: [{
                id: "more-steps-help",
                row: null,
                statement: "More steps help.",
                paper: "not tested",
                quantity: "final loss, twice over once",
                rule: { below: 1 },
                n: 3,
                ratio: true,
                measure: (recordOf) => finalLoss(recordOf(twice)) / finalLoss(recordOf(once)),
              }],
              figure: (results) => armsFigure(results, { caption: "More steps." }),
              table: (results) => armsTable(results, { caption: "More steps" }),
            };
          },
        };`,
      "lib/studies/mod.ts": put(
        [
          `import { textVariety } from "./text_variety.ts";`,
          `import { steps } from "./steps.ts";\nimport { textVariety } from "./text_variety.ts";`,
        ],
        ["  textVariety,\n", "  textVariety,\n  steps,\n"],
      ),
      "docs/experiments.md": put([
        "| 02       | [attention-patching]",
        "| 01       | [steps](../lib/studies/steps.ts) | do more steps help? | `more-steps-help` |\n" +
        "| 02       | [attention-patching]",
      ]),
    },
    script: `
      import { judgeAll, readResults, runStudy, STUDIES, studyNamed } from "./lib/mod.ts";
      const results = await runStudy(studyNamed("steps"), { scale: "smoke", seeds: 1 });
      console.log("--");
      console.log(STUDIES.length, judgeAll(results).map(({ claim, n }) => claim.id + n).join());
      console.log(readResults(studyNamed("steps"), { scale: "paper" }).trials.length);`,
  });
  const end = said.slice(said.lastIndexOf("--") + 1);
  assert(/^\d+ more-steps-help1$/.test(end[0]!), said.join("\n"));
  assertEquals(end[1], "6");
});
