/**
 * What runs must have that another one builds on, where it does more than go on from them. Both come
 * completed and checked by themselves (configure.ts).
 *
 * @module
 */

import type { RunConfiguration } from "./configuration.ts";
import { canonical } from "./omitted.ts";

/** Refuses a field, by its path, with what it must be. */
type Refuse = (path: string[], message: string) => void;

/** Old people are those of the run that this one begins with: the same, and all of them. */
export function refuseReplay(
  { seed, names, people, tuning }: Pick<RunConfiguration, "seed" | "names" | "people" | "tuning">,
  base: RunConfiguration | null,
  refuse: Refuse,
): void {
  if (!base) return refuse(["start"], "must name whose people are replayed");
  const { people: picked, pick } = tuning.replay!;
  if (base.seed !== seed) refuse(["start", "run", "seed"], `must be ${seed}, for the same people`);
  if (base.names !== names) {
    refuse(["start", "run", "names"], `must be ${names}, for the same people`);
  }
  if (people < base.people) refuse(["people"], `must be at least the ${base.people} of start.run`);
  if (picked > base.people) {
    refuse(
      ["tuning", "replay", "people"],
      `must be at most the ${base.people} people of start.run`,
    );
  }
  if (pick === "namesakes" && people === base.people) {
    refuse(["tuning", "replay", "pick"], "must be another where there are no new people");
  }
}

/**
 * A reward model has compared answers about the same people, by attention of its own; what it says lies
 * between -1 and 1.
 */
export function refuseRewardModel(
  { seed, names, updated, tuning: { reinforce }, rewardModel }: Pick<
    RunConfiguration,
    "seed" | "names" | "updated" | "tuning" | "rewardModel"
  >,
  model: RunConfiguration,
  refuse: Refuse,
): void {
  if (!reinforce) {
    return refuse(["rewardModel"], "must be null without tuning.reinforce: nothing is rewarded");
  }
  const of = (...path: string[]) => ["rewardModel", ...path];
  if (!model.tuning.compare) {
    refuse(of("run", "tuning", "compare"), "must be true, for a model of comparisons");
  }
  if (model.reference) refuse(of("run", "reference"), "must be null: its attention is its own");
  if (model.seed !== seed) refuse(of("run", "seed"), `must be ${seed}, for the same people`);
  if (model.names !== names) refuse(of("run", "names"), `must be ${names}, for the same people`);
  if (canonical(model.updated) !== canonical(updated)) {
    refuse(of("run", "updated"), `must be ${canonical(updated)}, for the same facts`);
  }
  const begin = model.start?.step ?? 0;
  if (rewardModel!.step <= begin) {
    refuse(of("step"), `must be above ${begin}, where it has compared nothing`);
  }
  if (reinforce.wrong !== 1) {
    refuse(
      ["tuning", "reinforce", "wrong"],
      "must be 1 with rewardModel, which says what is wrong",
    );
  }
}
