import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import {
  initialParameters,
  MODELS,
  modelSchema,
  parameterCount,
  parameterShapes,
} from "../../lib/model/mod.ts";
import { golden } from "../golden/golden.ts";

const model = MODELS.smoke;
const V = 448;
const parameters = initialParameters(model, V, 0);

function deviation(values: Float32Array): { mean: number; sd: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return { mean, sd: Math.sqrt(variance) };
}

Deno.test("names and shapes are those of ArceeForCausalLM", () => {
  const shapes = parameterShapes({ ...golden.model, activation: "relu2" }, golden.vocabulary);
  const sorted = Object.entries(shapes).sort(([a], [b]) => a < b ? -1 : 1);
  assertEquals(sorted.map(([name]) => name), Object.keys(golden.shapes).sort());
  for (const [name, shape] of sorted) assertEquals([...shape], golden.shapes[name]);
});

Deno.test("the count is the sum of the sizes of all parameters", () => {
  const shapes = parameterShapes(model, V);
  const counted = Object.values(parameters).reduce((sum, own) => sum + own.length, 0);
  assertEquals(parameterCount(shapes), counted);
  // Embedding, final norm, and two layers of two norms, 4 C^2 and 2 C x MLP.
  assertEquals(counted, V * 32 + 32 + 2 * (2 * 32 + 4 * 32 * 32 + 2 * 32 * 128));
});

Deno.test("norms begin at one", () => {
  const norms = Object.entries(parameters).filter(([name]) => /norm/.test(name));
  assertEquals(norms.length, 2 * model.layers + 1);
  for (const [, values] of norms) assert(values.every((value) => value === 1));
});

Deno.test("matrices begin with deviation 0.02, those that write to the stream with half", () => {
  const matrices = Object.entries(parameters).filter(([name]) => !/norm/.test(name));
  assertEquals(matrices.length, 6 * model.layers + 1);
  for (const [name, values] of matrices) {
    // Two layers: 1 / sqrt(2 x 2) is a half.
    const expected = /\.(o_proj|down_proj)\./.test(name) ? 0.01 : 0.02;
    const { mean, sd } = deviation(values);
    assertAlmostEquals(sd, expected, 0.1 * expected, `${name} has deviation ${sd}`);
    assertAlmostEquals(mean, 0, 0.1 * expected, `${name} has mean ${mean}`);
  }
});

Deno.test("the scale of what writes to the stream depends on the number of layers", () => {
  const deep = initialParameters({ ...model, layers: 8 }, V, 0);
  const { sd } = deviation(deep["model.layers.3.mlp.down_proj.weight"]!);
  assertAlmostEquals(sd, 0.02 / 4, 0.0005);
});

Deno.test("the same seed gives the same parameters, another seed others", () => {
  assertEquals(initialParameters(model, V, 0), parameters);
  const other = initialParameters(model, V, 1);
  for (const [name, values] of Object.entries(other)) {
    if (!/norm/.test(name)) assertNotEquals(values, parameters[name]);
  }
});

Deno.test("no two matrices begin equal", () => {
  const firsts = Object.entries(parameters)
    .filter(([name]) => !/norm/.test(name))
    .map(([, values]) => Math.abs(values[0]!));
  assertEquals(new Set(firsts).size, firsts.length);
});

Deno.test("a layer's parameters do not depend on how many layers follow", () => {
  const deep = initialParameters({ ...model, layers: 4 }, V, 0);
  const name = "model.layers.1.self_attn.q_proj.weight";
  assertEquals(deep[name], parameters[name]);
});

Deno.test("a width that does not divide into heads of even width is refused", () => {
  const result = modelSchema.safeParse({ ...model, width: 34, heads: 4 });
  assertEquals(result.success, false);
  assertEquals(result.error?.issues[0]?.message, "must be a multiple of 2 x heads (8)");
  assert(modelSchema.safeParse(model).success);
});
