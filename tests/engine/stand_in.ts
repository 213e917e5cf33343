// An engine that gives what a test says, whatever function it is asked to run.

import type { Engine, Values } from "../../lib/engine/mod.ts";
import { outputsOf } from "../../lib/engine/contract.ts";

/** An engine without state, and none like it, whose every run gives what `run` makes of its inputs. */
export function scriptedEngine(run: (inputs: Values) => Values, branches = 1): Engine {
  const own: Engine = {
    like: () => own,
    ...{ nodes: 0, precision: "fp32", branches: () => branches, atOnce: () => 1 },
    run: (_, inputs) => {
      const outputs = inputs.map(run);
      return outputsOf(outputs);
    },
    ...{ add() {}, prepare: () => Promise.resolve(), read: () => ({}), write() {}, dispose() {} },
  };
  return own;
}
