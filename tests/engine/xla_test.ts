// The engine for accelerators, on XLA's plugin for processors, held against TensorFlow op by op.

import { openTensorFlow, xla } from "../../lib/engine/mod.ts";
import { assertLowered, CASES, OTHERWISE } from "./cases.ts";
import { openTestDevice } from "./device.ts";

await openTensorFlow();
await openTestDevice();

for (const [name, run] of Object.entries({ ...CASES, ...OTHERWISE })) {
  Deno.test(`${name}: on the device it gives what it gives op by op`, () => {
    assertLowered(run, xla);
  });
}
