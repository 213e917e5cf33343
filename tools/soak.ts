/**
 * Durability for as long as one likes: kills training runs at random instants and compares their
 * ends, and feeds hostile input to every reader. Ends with
 * `kills=<n> survived=<n> inputs=<n> failures=<n>`.
 *
 *     deno task soak [--minutes 10]
 *
 * @module
 */

import { TARGETS, tryInput } from "../tests/durability/fuzz.ts";
import { killTest } from "../tests/durability/victim.ts";
import { commandLine, number } from "./command_line.ts";

const KILLS = 30;
const INPUTS_BETWEEN = 2000;

const USAGE = `deno task soak [options]

Kills runs at random instants and compares their ends; feeds hostile input to every reader.

  --minutes N   how long; 10 by default`;

const minutes = commandLine({
  usage: USAGE,
  options: { minutes: "text" },
  read: (given) => number("--minutes", given.minutes, { above: 0 }) ?? 10,
});
const end = Date.now() + 60e3 * minutes;
const total = { kills: 0, survived: 0, inputs: 0, failures: 0 };
// Seeds that no earlier soak has tried.
const first = Math.floor(Date.now() / 1e3) % 1e6 + 1000;
let next = first * 1000;
for (let round = 0; Date.now() < end; round++) {
  for (const target of TARGETS) {
    for (let i = 0; i < INPUTS_BETWEEN / (target.cost ?? 1); i++, next++) {
      const failure = await tryInput(target, next);
      total.inputs++;
      if (!failure) continue;
      total.failures++;
      console.log(`${failure.target}, seed ${failure.seed}: ${failure.why}`);
    }
  }
  if (Date.now() >= end) break;
  const seed = first + round;
  const { kills, equal } = await killTest({ seed, kills: KILLS });
  total.kills += kills;
  if (equal) total.survived += kills;
  else {
    total.failures++;
    console.log(`the run of seed ${seed}, killed ${kills} times, did not end as it should`);
  }
}
console.log(Object.entries(total).map(([name, count]) => `${name}=${count}`).join(" "));
if (total.failures > 0) Deno.exit(1);
