/**
 * The part of a run configuration that says how a model that already knows people is tuned.
 *
 * @module
 */

import { z } from "zod";
import { MIXER_ROLES, type Parameter, type Role } from "../model/mod.ts";

/**
 * How a run is rewarded for its own answers: 1 for a right one, 0 for a refusal, or by the word of a
 * reward model.
 */
export interface Reinforcement {
  /** What a wrong answer costs. It pays to answer what is right with a chance above wrong / (1 + wrong). */
  wrong: number;
  /** Answers to each question, each of which is held against the mean reward of all. */
  group: number;
  /** How far a token's probability may move from what it was sampled with, as a share of that. */
  clip: number;
  /** Weight of the divergence from the model the run began with. */
  kl: number;
  /** Steps that are made with the same answers. */
  updates: number;
}

/** Old people whose biographies are learned again beside what is new. */
export interface Replay {
  /** Share of a step's rows that are theirs. */
  share: number;
  /** How many of the people of the run it begins with are picked, once, when it begins. */
  people: number;
  /**
   * Whom: at "random", those who share most names with people whom that run had not ("namesakes"), or
   * those whom the model it begins with knows least or best by the name alone.
   */
  pick: "random" | "namesakes" | "least known" | "best known";
}

/** How a run learns; the defaults are plain training on biographies. */
export interface Tuning {
  /** Biographies, or questions of which only the answers are learned. */
  text: "biographies" | "questions";
  /** Questions: people from this index on get a refusal instead of their value; null: nobody. */
  refuse: number | null;
  /**
   * Questions: direct preference optimisation against the model the run began with, of this beta
   * (answer before refusal for known people, refusal before a made-up value for the others);
   * null: supervised.
   */
  prefer: number | null;
  /**
   * Questions: becomes a reward model. A mark after the wanted answer of a pair becomes likelier than
   * after the other (Bradley and Terry's model of comparisons); false: it does not.
   */
  compare: boolean;
  /**
   * What preferences and comparisons put a refusal or a value before: "made up" values and refusals, or the model's
   * "own" answers; where an own answer is what is wanted, the former. Preferences sample them as the
   * model is tuned, comparisons from the model the run began with.
   */
  rejected: "made up" | "own";
  /** Questions: policy gradient on the model's own answers; null: none. */
  reinforce: Reinforcement | null;
  /** Weight of the divergence from the model the run began with (self-distillation). */
  distill: number;
  /**
   * Biographies: share of a step's rows that the model the run began with wrote itself (256 of
   * them, sampled once).
   */
  ownText: number;
  /**
   * Biographies: replay of some old people, own text among what it takes the place of; null: none but
   * whom the schedule draws.
   */
  replay: Replay | null;
  /** What stays as it was. */
  freeze: "nothing" | "attention" | "mlp";
  /** What is taken back of the tuning that the run it begins with has gone through (undo.ts). */
  undo: "nothing" | "top direction" | "mean shift";
}

/** Plain training. */
export const PLAIN: Tuning = {
  text: "biographies",
  refuse: null,
  prefer: null,
  compare: false,
  rejected: "made up",
  reinforce: null,
  distill: 0,
  ownText: 0,
  replay: null,
  freeze: "nothing",
  undo: "nothing",
};

/** Rows of a step that stay side by side: the two answers of a pair. */
export function together({ prefer, compare }: Pick<Tuning, "prefer" | "compare">): number {
  return prefer === null && !compare ? 1 : 2;
}

/** Whether a run learns from answers that its model gives itself. */
export function needsAnswers({ rejected, reinforce }: Tuning): boolean {
  return rejected === "own" || reinforce !== null;
}

/** Schema of a {@link Tuning}. */
export const tuningSchema: z.ZodType<Tuning> = z.strictObject({
  text: z.enum(["biographies", "questions"]),
  refuse: z.int().min(0).nullable(),
  prefer: z.number().positive().max(10).nullable(),
  compare: z.boolean(),
  rejected: z.enum(["made up", "own"]),
  reinforce: z.strictObject({
    wrong: z.number().min(0).max(100),
    group: z.int().min(2).max(1024),
    clip: z.number().positive().lt(1),
    kl: z.number().min(0).max(100),
    updates: z.int().min(1).max(64),
  }).nullable(),
  distill: z.number().min(0).max(100),
  ownText: z.number().min(0).max(1),
  replay: z.strictObject({
    share: z.number().min(0).max(1),
    people: z.int().min(1),
    pick: z.enum(["random", "namesakes", "least known", "best known"]),
  }).nullable(),
  freeze: z.enum(["nothing", "attention", "mlp"]),
  undo: z.enum(["nothing", "top direction", "mean shift"]),
}).superRefine((tuning, context) => {
  const { text, refuse, prefer, compare, rejected, reinforce, distill, ownText, replay } = tuning;
  const refuseField = (field: string, message: string) =>
    context.addIssue({ code: "custom", path: [field], message });
  if (text === "biographies" && refuse !== null) {
    refuseField("refuse", "must be null for biographies: only questions can be refused");
  }
  if (text === "biographies" && prefer !== null) {
    refuseField("prefer", "must be null for biographies: only answers are preferred");
  }
  if (text === "questions" && ownText > 0) {
    refuseField("ownText", "must be 0 for questions: it is biographies that the model writes");
  }
  if (text === "questions" && replay !== null) {
    refuseField("replay", "must be null for questions: it is biographies that are replayed");
  }
  if (prefer !== null && refuse === null) {
    refuseField("refuse", "must be given with prefer: it is about answers and refusals");
  }
  if (text === "biographies" && compare) {
    refuseField("compare", "must be false for biographies: only answers are compared");
  }
  if (compare && refuse === null) {
    refuseField("refuse", "must be given with compare: it is about answers and refusals");
  }
  if (compare && (prefer !== null || reinforce !== null)) {
    const other = prefer !== null ? "prefer" : "reinforce";
    refuseField("compare", `must be false with ${other}: a run learns in one way`);
  }
  if (compare && distill > 0) {
    refuseField("distill", "must be 0 with compare: a reward model gives no answers");
  }
  if (together(tuning) === 1 && rejected === "own") {
    refuseField("rejected", 'must be "made up" without prefer or compare: nothing is rejected');
  }
  if (reinforce !== null && text === "biographies") {
    refuseField("reinforce", "must be null for biographies: only answers are rewarded");
  }
  if (reinforce !== null && refuse !== null) {
    refuseField("refuse", "must be null with reinforce, whose rewards say whom to refuse");
  }
  if (reinforce !== null && prefer !== null) {
    refuseField("prefer", "must be null with reinforce: a run learns in one way");
  }
  if (reinforce !== null && distill > 0) {
    refuseField("distill", "must be 0 with reinforce, which has a weight kl of its own");
  }
  if (prefer !== null && distill > 0) {
    refuseField("distill", "must be 0 with prefer, which keeps the model near by itself");
  }
});

/** Roles of what stays as it was, by what is frozen. */
const FROZEN: Record<Tuning["freeze"], readonly Role[]> = {
  nothing: [],
  attention: MIXER_ROLES,
  mlp: ["mlp"],
};

/** The parameters that are trained, of those that may be. */
export function unfrozen(
  table: readonly Parameter[],
  { freeze }: Pick<Tuning, "freeze">,
): readonly Parameter[] {
  return table.filter(({ role }) => !FROZEN[freeze].includes(role));
}
