/**
 * What a schedule has to be, with errors that name the field.
 *
 * @module
 */

import { z } from "zod";
import type { Schedule } from "./distribution.ts";

const whole = z.int().nonnegative();
const weight = z.number().positive();

/** Schema of a {@link Distribution}. */
const distribution = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("groups"),
    groups: z.array(z.strictObject({ from: whole, to: whole.optional(), weight })).min(1),
  }),
  z.strictObject({ kind: z.literal("power-law"), alpha: z.number().min(0).max(4) }),
]);

/** Schema of a {@link Schedule}. */
export const scheduleSchema: z.ZodType<Schedule> = z.array(
  z.strictObject({
    steps: z.int().positive().optional(),
    until: z.strictObject({
      below: z.number().positive().max(10),
      every: z.int().positive(),
    }).optional(),
    people: distribution,
  }),
).min(1).superRefine((phases, context) => {
  phases.forEach(({ steps, until }, i) => {
    const refuse = (field: string, message: string) =>
      context.addIssue({ code: "custom", path: [i, field], message });
    const isLast = i === phases.length - 1;
    if (!isLast && steps === undefined && until === undefined) {
      refuse(
        "steps",
        "must say how many steps the phase takes, or until when: only the last has no end",
      );
    }
    if (steps !== undefined && until !== undefined) {
      refuse("until", "must be left out where steps say how long the phase takes");
    }
    if (isLast && until !== undefined) refuse("until", "must be left out: nothing comes after it");
  });
});
