/**
 * Trains one small run and says when its first step is done: a process to be killed.
 *
 *     deno run -RWE --allow-ffi tests/durability/worker.ts SEED [--fresh]
 *
 * @module
 */

import { train } from "../../lib/mod.ts";
import { victim } from "./victim.ts";

const run = train(victim(Number(Deno.args[0])), {
  fresh: Deno.args.includes("--fresh"),
  checkpointSeconds: 0.05,
});
let told = false;
run.onStep = ({ step }) => {
  if (!told) console.log(`training at ${step}`);
  told = true;
};
for await (const _ of run);
console.log(run.finished ? "finished" : "stopped");
run.dispose();
