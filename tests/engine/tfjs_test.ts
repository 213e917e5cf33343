// The library stands behind one value from the first import on, loaded or not.

import { assertEquals } from "@std/assert";
import * as engine from "../../lib/engine/mod.ts";

Deno.test("what was imported before the library is loaded is the library all the same", async () => {
  const { tf } = engine; // A notebook's import: no live binding.
  const before = tf;
  await engine.openTensorFlow();
  assertEquals([...before.add(before.tensor([1, 2]), 1).dataSync()], [2, 3]);
  assertEquals("conv2d" in before, true);
  assertEquals(before.matMul, engine.loadTfjs().matMul);
});
