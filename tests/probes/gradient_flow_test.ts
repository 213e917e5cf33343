// Gradient flow against finite differences, and its share against hand-made gradients.

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { evaluationSets, pack } from "../../lib/generator/mod.ts";
import { forwardOf, initialParameters, parameterShapes } from "../../lib/model/mod.ts";
import { flowOf, measureFlow } from "../../lib/probes/mod.ts";
import { crossEntropy, eager, openTensorFlow, tf } from "../../lib/engine/mod.ts";
import { scriptedEngine } from "../engine/stand_in.ts";
import { configure, corpusOf } from "../../lib/trainer/mod.ts";

await openTensorFlow();

const configuration = configure({
  scale: "smoke",
  model: { layers: 2, width: 8, heads: 2, mlp: 16 },
  evaluation: { people: 3 },
});
const { model } = configuration;
const corpus = corpusOf(configuration);
const biographies = evaluationSets(corpus)[0]!.biographies;
const length = corpus.writer.length.max;
const V = corpus.tokenizer.vocabularySize;

Deno.test("squared gradients are those of finite differences, one sequence apart from another", () => {
  const sequences = 2;
  const parameters = initialParameters(model, V, 0);
  for (const values of Object.values(parameters)) {
    values.forEach((value, i) => values[i] = value === 1 ? 1 : 8 * value);
  }
  const forward = forwardOf(model);
  const flow = flowOf({ forward, sequences, length, width: model.width });
  const engine = eager({ state: parameterShapes(model, V), calls: [flow] });
  engine.write(parameters);
  const { inputs, targets } = pack(biographies.slice(0, sequences), length);
  const asked = new Float32Array(sequences * length);
  const value = biographies[1]!.spans.findLast(({ kind }) => kind === "value")!;
  asked.fill(1, length + value.start - 1, length + value.end - 1);
  const [squares] = engine.run(flow.functions[0]!, [{ tokens: inputs, targets, asked }]).read()
    .map((outputs) => outputs.squares);
  // Nothing is asked of the first sequence, and nothing after the value can matter.
  assertEquals(squares!.slice(0, length).every((square) => square === 0), true);
  assertEquals(squares!.slice(length + value.end - 1).every((square) => square === 0), true);

  const state = Object.fromEntries(
    Object.entries(engine.read()).map(([name, data]) => [
      name,
      tf.tensor(data, [...parameterShapes(model, V)[name]!]),
    ]),
  );
  const lossWith = (position: number, dimension: number, by: number) =>
    tf.tidy(() => {
      const shift = new Float32Array(sequences * length * model.width);
      shift[position * model.width + dimension] = by;
      const logits = forwardOf(model)(state, tf.tensor(inputs, [sequences, length], "int32"), {
        edit: (place, layer, x) =>
          place === "resid_pre" && layer === 0
            ? tf.add(x, tf.tensor(shift, [sequences * length, model.width]))
            : undefined,
      });
      return tf.sum(tf.mul(crossEntropy(logits, tf.tensor1d(targets, "int32")), asked))
        .dataSync()[0]!;
    });
  const STEP = 2e-3;
  for (const position of [length + 1, length + value.start - 1]) {
    let square = 0;
    for (let d = 0; d < model.width; d++) {
      square += ((lossWith(position, d, STEP) - lossWith(position, d, -STEP)) / (2 * STEP)) ** 2;
    }
    assertAlmostEquals(squares![position]! / square, 1, 0.05);
  }
  engine.dispose();
});

Deno.test("the share is of the norm at the own sentence's name, mean over values", () => {
  const asked: number[] = [];
  const engine = scriptedEngine(({ asked: weights }) => {
    for (let row = 0; row < 4; row++) {
      const own = Array.from(weights!).slice(row * length, (row + 1) * length);
      asked.push(own.reduce((a, b) => a + b, 0));
    }
    return { squares: new Float32Array(4 * length).fill(1) };
  });
  const flow = flowOf({ forward: forwardOf(model), sequences: 4, length, width: model.width });
  const share = measureFlow(biographies, { engine, flow });
  // Three name tokens of all positions, whatever the value.
  assertAlmostEquals(share!, Math.sqrt(3 / length), 1e-6);
  assertEquals(asked.every((tokens) => tokens >= 1), true);
});
