/**
 * Run configurations completed from their scale, checked, and hashed. The hash of the scientific
 * fields is the run's identity.
 *
 * @module
 */

import { z } from "zod";
import {
  currentData,
  leastNames,
  MOST_NAMES,
  ownData,
  type Scale,
  SCALES,
  scheduleSchema,
  SUBWORDS,
  subwordsDigest,
} from "../generator/mod.ts";
import { didYouMean, must, problemsOf, shown } from "../display/mod.ts";
import { canSample, mixerOf, modelSchema } from "../model/mod.ts";
import { PROBES, settingsSchemas, SHORT_VERSION } from "../probes/mod.ts";
import { refuseReplay, refuseRewardModel } from "./built_on.ts";
import type { CheckpointOf, RunConfiguration, RunInput } from "./configuration.ts";
import { defaults, RECIPES } from "./defaults.ts";
import { needsOld, PREFERENCE_VERSION } from "./objective.ts";
import { beyond, canonical, fieldsOf, isObject, type Json, OMITTED } from "./omitted.ts";
import { needsAnswers, together, tuningSchema } from "./tuning.ts";
import { createHash } from "node:crypto";
import { variable } from "../environment.ts";

const positive = z.number().positive();
const checkpoint = z.strictObject({
  run: z.custom<RunInput>().transform((run, context): RunInput => {
    try {
      return essence(configure(run));
    } catch (error) {
      context.addIssue((error as Error).message.replace(/^Cannot run: |\.$/g, ""));
      return z.NEVER;
    }
  }),
  step: z.int().min(0),
});
/** A checkpoint is of a step that its run makes. */
function exists({ run, step }: CheckpointOf, context: z.RefinementCtx): void {
  const { steps } = configure(run);
  if (step <= steps) return;
  context.addIssue({ code: "custom", path: ["step"], message: `must be at most ${steps}` });
}
const schema = z.strictObject({
  scale: z.enum(SCALES),
  seed: z.int().min(0).max(2 ** 31),
  people: z.int().min(2).max(2 ** 24),
  names: z.int().nullable(),
  lists: z.string().regex(/^[0-9a-f]{12}$/).nullable(),
  subwords: z.int().min(SUBWORDS.least).max(SUBWORDS.most).nullable(),
  updated: z.strictObject({ from: z.int().min(0), to: z.int().min(1) })
    .refine(({ from, to }) => from < to, "must have from below to").nullable(),
  schedule: scheduleSchema,
  order: z.enum(["shuffled", "fixed"]),
  templates: z.int().min(1).max(20),
  sentences: z.int().min(1).nullable(),
  named: z.int().min(1).nullable(),
  model: modelSchema,
  start: checkpoint.extend({ moments: z.literal("kept").optional() }).superRefine(exists)
    .nullable(),
  reference: checkpoint.superRefine(exists).nullable(),
  rewardModel: checkpoint.superRefine(exists).nullable(),
  tuning: tuningSchema,
  optimizer: z.strictObject({
    lr: positive.max(1),
    floor: z.number().min(0).max(1),
    warmup: z.int().min(0),
    decay: z.number().min(0).max(10),
    beta1: z.number().min(0).lt(1),
    beta2: z.number().min(0).lt(1),
    clip: positive.nullable(),
  }),
  batch: z.int().min(1).max(4096),
  lengthGroups: z.int().min(1).max(8),
  steps: z.int().min(1).max(10_000_000),
  stopBelow: z.number().min(0).max(1),
  evaluation: z.strictObject({
    people: z.int().min(2).max(65_536),
    measurements: z.int().min(2).max(1000),
    ...settingsSchemas(PROBES),
    groups: z.array(z.int().min(0)).refine(
      (groups) => groups.every((from, i) => i === 0 || from > groups[i - 1]!),
      "must rise",
    ),
    steps: z.array(z.int().min(0)),
    probes: z.record(z.string(), z.record(z.string(), z.json())),
  }),
  precision: z.enum(["bf16", "fp32"]),
  recipe: z.literal(RECIPES),
}).superRefine((run, context) => {
  const { scale, people, names, lists, model, start, reference, tuning, steps, evaluation } = run;
  const { batch, lengthGroups, optimizer, rewardModel } = run;
  const refuse = (path: string[], message: string) =>
    context.addIssue({ code: "custom", path, message });
  for (const [field, checkpoint] of Object.entries({ start, reference, rewardModel })) {
    if (!checkpoint) continue;
    const other = configure(checkpoint.run);
    if (other.scale !== scale) refuse([field, "run", "scale"], `must be ${scale}`);
    if ((other.names === null) !== (names === null)) {
      const own = names === null ? "null" : "a number";
      refuse([field, "run", "names"], `must be ${own}, as names is here, for one vocabulary`);
    }
    if (other.lists !== lists) {
      refuse([field, "run", "lists"], `must be ${lists}, as lists is here`);
    }
    if (other.subwords !== run.subwords) {
      refuse([field, "run", "subwords"], `must be ${run.subwords}, as here, for one vocabulary`);
    }
    if (canonical(other.model) !== canonical(model)) {
      refuse([field, "run", "model"], `must be ${canonical(model)}`);
    }
  }
  const unseen = evaluation.people;
  const least = leastNames({ people, unseen });
  if (names !== null && names < least) {
    refuse(
      ["names"],
      `must be at least ${least} for ${people} people and ${unseen} unseen ones; take more names, ` +
        "fewer people, or null for the scale's own names",
    );
  }
  if (names !== null && names > MOST_NAMES[scale]) {
    const most = `must be at most ${MOST_NAMES[scale]} at scale ${scale}`;
    refuse(["names"], `${most}; take fewer names, or null for the scale's own`);
  }
  if (run.updated && run.updated.to > people) {
    refuse(["updated", "to"], `must be at most the ${people} people`);
  }
  const own = steps - (start?.step ?? 0);
  if (optimizer.warmup > own) {
    const from = start ? `, of ${steps}, that it makes from step ${start.step} on` : "";
    refuse(["optimizer", "warmup"], `must be at most the ${own} steps of the run${from}`);
  }
  if (evaluation.groups.some((from) => from >= people)) {
    refuse(["evaluation", "groups"], `must be less than ${people} people`);
  }
  // A run of no steps looks at a checkpoint: it is measured once.
  if (start && start.step > steps) refuse(["start", "step"], `must be at most ${steps} steps`);
  if (tuning.undo !== "nothing" && !start?.run.start) {
    refuse(["start", "run", "start"], "must name what the tuning began with, to be undone");
  }
  if (tuning.ownText > 0 && start === null) refuse(["start"], "must name who writes own text");
  if (tuning.replay) refuseReplay(run, start && configure(start.run), refuse);
  if (start && start.step > 0) {
    // Else it would be asked about people whom the model has not read of, or what they were before.
    const base = configure(start.run);
    // With replay that is told already.
    if (base.seed !== run.seed && !tuning.replay) {
      refuse(["start", "run", "seed"], `must be ${run.seed}, for the same people`);
    }
    if (base.names !== names && !tuning.replay) {
      refuse(["start", "run", "names"], `must be ${names}, for the same people`);
    }
    if (base.updated && canonical(base.updated) !== canonical(run.updated)) {
      refuse(["updated"], `must be ${canonical(base.updated)}, as what start.run has learned`);
    }
    const first = base.start?.step ?? 0;
    if (start.step < first) {
      refuse(["start", "step"], `must be from ${first} on, where start.run begins`);
    }
  }
  if (needsOld(tuning) && (start === null || reference !== null)) {
    const why = tuning.compare ? "whose answers are compared" : "what is kept near";
    refuse([start === null ? "start" : "reference"], `must name ${why}, alone`);
  }
  if (tuning.undo === "mean shift" && (needsOld(tuning) || rewardModel)) {
    refuse(["tuning", "undo"], 'must not be "mean shift" where another model is needed to the end');
  }
  if (needsAnswers(tuning) && !canSample(model)) {
    refuse(["model", "mixer"], "must be attention, for a model that learns from its own answers");
  }
  const { group = 1 } = tuning.reinforce ?? {};
  if (batch % group > 0) {
    refuse(["batch"], `must be a multiple of the ${group} answers to each question`);
  }
  if (together(tuning) === 2 && batch % 2 === 1) {
    refuse(["batch"], `must be even: ${tuning.compare ? "comparisons" : "preferences"} are pairs`);
  }
  const blocks = Math.floor(batch / together(tuning));
  if (lengthGroups > blocks) {
    const what = together(tuning) === 1 ? "rows of the batch" : "pairs of the batch";
    refuse(["lengthGroups"], `must be at most the ${blocks} ${what}`);
  }
  if (rewardModel) refuseRewardModel(run, configure(rewardModel.run), refuse);
  if (reference?.run.reference) {
    refuse(
      ["reference", "run", "reference"],
      "must be null: a patched run's attention is not its own",
    );
  }
  if (reference && !mixerOf(model).places.includes("pattern")) {
    refuse(
      ["reference"],
      `must be null for a ${model.mixer} model, which has no attention patterns`,
    );
  }
});

/** Problems that one refusal names. */
const PROBLEMS_TOLD = 8;

/**
 * Completes and checks a configuration.
 *
 * @example
 * ```ts
 * import { configure, identity } from "factlab";
 * const run = configure({ scale: "laptop", people: 1024, batch: 8 });
 * console.log(identity(run), run.model.width);
 * ```
 *
 * @throws {Error} that names each bad field, what it must be, and the value given.
 */
export function configure(input: RunInput = {}): RunConfiguration {
  const complete = completed(input);
  const parsed = schema.safeParse(complete, { error: must });
  if (parsed.success) return parsed.data as RunConfiguration;
  const fields = fieldsOf({ ...defaults(input.scale ?? "laptop") }).map(([field]) => field);
  const problems = problemsOf(parsed.error.issues, complete, fields);
  const more = problems.splice(PROBLEMS_TOLD).length;
  throw new Error(`Cannot run: ${problems.join("; ")}${more > 0 ? `; and ${more} more` : ""}.`);
}

/** A configuration of a scale that there is, with what it leaves out; nothing else is checked. */
export function completed(input: RunInput): Json {
  if (!isObject(input)) {
    throw new Error(`Cannot run: a configuration must be an object, got ${shown(input)}.`);
  }
  const scale = input.scale ?? "laptop";
  if (!SCALES.includes(scale)) {
    throw new Error(
      `Cannot run: scale must be one of ${SCALES.join(", ")}, got ${shown(scale)}${
        didYouMean(scale, SCALES)
      }.`,
    );
  }
  // What names its recipe was written, today or long ago; what a person leaves out is of today.
  const base: Json = { ...(input.recipe === undefined ? defaults(scale) : OMITTED[scale]) };
  const complete: Json = { scale, ...base, ...defined(input) };
  for (const part of ["model", "tuning", "optimizer", "evaluation"] as const) {
    // What is no object stays as it is, for the schema to refuse.
    if (!isObject(complete[part])) continue;
    complete[part] = { ...base[part] as Json, ...defined(complete[part]) };
  }
  return complete;
}

function defined<T extends object>(fields: T): T {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as T;
}

/**
 * The identity of a run: 12 hexadecimal digits of the hash of its scientific fields, and of the
 * lists it is made of where these are not factlab's own.
 *
 * @example
 * ```ts
 * import { configure, identity } from "factlab";
 * console.log(identity(configure({ seed: 1 })) === identity(configure({ seed: 1, people: 1024 })));
 * ```
 */
export function identity(configuration: RunConfiguration): string {
  return identityWith(configuration, currentData(configuration));
}

/** The identity that a run has with lists of this digest. */
export function identityWith(configuration: RunConfiguration, data: string): string {
  const text = canonical({
    ...versioned({ ...essence(configuration), precision: configuration.precision }),
    ...(data === ownData(configuration) || configuration.lists !== null ? {} : { data }),
    ...(configuration.subwords === null ? {} : { merges: subwordsDigest() }),
  });
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

/** A run with the versions of what has changed of its parts, and so those it builds on. */
function versioned({ start, reference, rewardModel, tuning, ...rest }: RunInput): Json {
  const of = (checkpoint: CheckpointOf) => ({ ...checkpoint, run: versioned(checkpoint.run) });
  return {
    ...rest,
    ...(rest.sentences ? { short: SHORT_VERSION } : {}),
    ...(start ? { start: of(start) } : {}),
    ...(reference ? { reference: of(reference) } : {}),
    ...(rewardModel ? { rewardModel: of(rewardModel) } : {}),
    ...(tuning?.prefer ? { tuning: { ...tuning, version: PREFERENCE_VERSION } } : { tuning }),
  };
}

/** A configuration as it is written: without what {@link OMITTED} holds for its scale. */
export function essence(configuration: RunConfiguration): RunInput {
  const { scale, recipe, ...rest } = configuration;
  return { scale, recipe, ...beyond(rest, OMITTED[scale]) };
}

/**
 * A configuration, or only its seed at scale `smoke` when FACTLAB_SCALE=smoke is set: how the
 * gate runs notebooks in seconds.
 *
 * @example
 * ```ts
 * import { atScale } from "factlab";
 * Deno.env.set("FACTLAB_SCALE", "smoke"); // as in FACTLAB_SCALE=smoke deno task notebook …
 * console.log(atScale({ people: 512, seed: 1 })); // { scale: "smoke", seed: 1 }
 * Deno.env.delete("FACTLAB_SCALE");
 * ```
 */
export function atScale(input: RunInput): RunInput {
  const scale = variable("FACTLAB_SCALE");
  if (scale === undefined || scale === (input.scale ?? "laptop")) return input;
  return { scale: scale as Scale, seed: input.seed };
}
