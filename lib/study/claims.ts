/**
 * Claims: what the paper says, what of it is measured, and the rule that decides. Written before
 * the runs; the verdict follows from records alone (docs/protocol.md, "Claims").
 *
 * @module
 */

import { table, type TextAndHtml } from "../display/mod.ts";
import { mean, meanInterval, meanP } from "../readings/mod.ts";
import type { RecordOfArm } from "./trial.ts";

/** Where the measured quantity has to lie, bounds excluded. */
export type Rule = { above: number } | { below: number } | { between: [number, number] };

/** One claim of a study. */
export interface Claim {
  /** Its name in the scoreboard, unique among all studies. */
  id: string;
  /** Row of the paper's experiments; null for what goes beyond the paper. */
  row: number | null;
  /** What is claimed, as a sentence. */
  statement: string;
  /** The paper's value of the measured quantity, or what it says. */
  paper: string;
  /** What is measured, with its unit. */
  quantity: string;
  /** What decides it. */
  rule: Rule;
  /** Seeds it is to be decided with, fixed before the runs; below three it has no verdict. */
  n: number;
  /** What else is said at paper scale, where a threshold comes from the paper's own number. */
  atPaper?: Partial<Pick<Claim, "statement" | "paper" | "rule">>;
  /** A quotient of two measured quantities above 0: averaged and judged on logarithms. */
  ratio?: true;
  /**
   * The quantity in one seed, from that seed's records of the experiment's arms; NaN where it was
   * not reached, which counts as beyond the far side of the rule.
   */
  measure(recordOf: RecordOfArm): number;
}

/** How a claim stands; "no verdict" is a number that too few seeds, or no spread, stand behind. */
export type Verdict = "holds" | "does not hold" | "undecided" | "no verdict" | "not run";

/** A claim, measured. */
export interface Judgement {
  /** What was claimed. */
  claim: Claim;
  /** Mean over seeds, of a ratio the geometric one; null where a seed has no value. */
  measured: number | null;
  /** 95 % interval of the mean, infinite where seeds have no value; null where there is none. */
  interval: [number, number] | null;
  /** Two-sided p of the mean against the rule's threshold; null where a seed has no value. */
  p: number | null;
  /** Seeds that have all it needs. */
  n: number;
  /** The quantity in each of them. */
  values: number[];
  /** How it stands. */
  verdict: Verdict;
  /** Hashes of the records it rests on. */
  records: string[];
}

/** What {@link judge} finds. */
export type Judged = Pick<Judgement, "measured" | "interval" | "p" | "n" | "verdict">;

/**
 * The verdict on a claim from its quantity in each seed: it holds where Student's 95 % interval of
 * the mean lies inside the rule, does not hold where it lies on one side outside, and is undecided
 * where it does neither. Fewer seeds than three or than were planned, or seeds that are all the
 * same, have a number and no verdict.
 *
 * A seed without a value (NaN) lies beyond the far side of the rule. Where some have none, the
 * interval is that of the others, infinite on the side of those without, and there is no p; where
 * none has one, the side on which they all lie decides.
 *
 * @example
 * ```ts
 * import { judge } from "factlab";
 * const { verdict, interval, p } = judge({ above: 0.9 }, [0.95, 0.96, 0.97], { n: 3 });
 * console.log(verdict, interval, p); // holds, .935 to .985, .009
 * console.log(judge({ above: 0.9 }, [0.85, 0.95, 0.97], { n: 3 }).verdict); // undecided
 * ```
 *
 * @throws {Error} for a ratio that is not above 0, by the claim's name where it is given.
 */
export function judge(
  rule: Rule,
  values: readonly number[],
  { n: planned, ratio, id = "a claim" }: Pick<Claim, "n" | "ratio"> & { id?: string },
): Judged {
  const wrong = ratio && values.find((value) => value <= 0);
  if (wrong !== undefined) {
    throw new Error(
      `Cannot judge ${id}: a ratio must be above 0 in every seed, got ${wrong}. ` +
        "Where it may be 0, leave out `ratio`.",
    );
  }
  const n = values.length;
  if (n === 0) return { measured: null, interval: null, p: null, n, verdict: "not run" };
  const [to, from] = ratio ? [Math.log, Math.exp] : [Number, Number];
  const known = values.filter(Number.isFinite).map(to);
  const complete = known.length === n;
  const number = { measured: complete ? from(mean(known)) : null, interval: null, p: null, n };
  const same = complete && known.every((value) => value === known[0]);
  if (same || tooFew(n, planned)) return { ...number, verdict: "no verdict" };
  if (known.length === 0) return { ...number, verdict: sideOf(rule, values) };
  if (known.length === 1) return { ...number, verdict: "undecided" };
  const [low, high] = widened(rule, values, meanInterval(known));
  const interval: [number, number] = [from(low), from(high)];
  const thresholds = boundsOf(rule).filter(Number.isFinite).map(to);
  // Of two bounds the nearer one decides, from inside and from outside.
  const p = complete ? Math.max(...thresholds.map((at) => meanP(known, at))) : null;
  return { ...number, interval, p, verdict: sideOf(rule, interval) };
}

/** An interval without an end on the side where seeds without a value lie. */
function widened(
  rule: Rule,
  values: readonly number[],
  [low, high]: [number, number],
): [number, number] {
  const reach = (end: number, far: boolean) =>
    values.some((value) => value === end || (far && Number.isNaN(value)));
  return [
    reach(-Infinity, !("below" in rule)) ? -Infinity : low,
    reach(Infinity, !("above" in rule)) ? Infinity : high,
  ];
}

/** Whether seeds are too few for a verdict: fewer than three, or than were planned. */
export function tooFew(n: number, planned: number): boolean {
  return n < Math.max(planned, 3);
}

/** Where seeds, or the ends of an interval, all lie; NaN lies outside on either side. */
function sideOf(rule: Rule, values: readonly number[]): "holds" | "does not hold" | "undecided" {
  if (values.every((value) => satisfies(rule, value))) return "holds";
  const [least, most] = boundsOf(rule);
  const outside = values.every((value) => !(value >= least)) ||
    values.every((value) => !(value <= most));
  return outside ? "does not hold" : "undecided";
}

/** Whether a value satisfies a rule; NaN satisfies none. */
export function satisfies(rule: Rule, value: number): boolean {
  if ("above" in rule) return value > rule.above;
  if ("below" in rule) return value < rule.below;
  return value > rule.between[0] && value < rule.between[1];
}

function boundsOf(rule: Rule): [number, number] {
  if ("above" in rule) return [rule.above, Infinity];
  if ("below" in rule) return [-Infinity, rule.below];
  return rule.between;
}

/** A rule in words: "> 0.9". */
export function ruleText(rule: Rule): string {
  if ("above" in rule) return `> ${rule.above}`;
  if ("below" in rule) return `< ${rule.below}`;
  return `${rule.between[0]} to ${rule.between[1]}`;
}

const shown = (value: number) => String(Number(value.toPrecision(3))).replace("Infinity", "∞");

/** "0.95 [0.93, 0.97]"; where some seeds have no value (a plateau that never ends), those that have. */
export function measuredText(
  { measured, interval, values }: Pick<Judgement, "measured" | "interval" | "values">,
): string {
  if (values.length === 0) return "–";
  const known = values.filter(Number.isFinite).map(shown);
  const without = `none in ${values.length - known.length} of ${values.length} seeds`;
  const text = measured === null ? [...known, without].join(", ") : shown(measured);
  return interval ? `${text} [${interval.map(shown).join(", ")}]` : text;
}

/** The verdict; where there is none, why: "no verdict (n = 1)". */
export function verdictText(
  { verdict, n, claim }: Pick<Judgement, "verdict" | "n"> & { claim: Pick<Claim, "n"> },
): string {
  if (verdict !== "no verdict") return verdict;
  const why = n < claim.n ? `${n} of ${claim.n} seeds` : n < 3 ? `n = ${n}` : "sd 0";
  return `${verdict} (${why})`;
}

/**
 * One claim in full: what was said, what came out in each seed, and where to look.
 *
 * @example
 * ```ts
 * import { claimView, judgeAll, readResults, threePhases } from "factlab";
 * console.log(claimView(judgeAll(readResults(threePhases))[0]!).text);
 * ```
 */
export function claimView(judgement: Judgement): TextAndHtml {
  const { claim, values, records, p } = judgement;
  const mean = claim.ratio ? "geometric mean" : "mean";
  const rows = {
    claim: claim.statement,
    "row of the paper": claim.row ?? "beyond it",
    "the paper's value": claim.paper,
    quantity: claim.quantity,
    rule: `${ruleText(claim.rule)}, by the 95 % interval of the ${mean} over ${claim.n} seeds`,
    measured: measuredText(judgement),
    "in each seed": values.map((value) => value.toPrecision(3)).join(", ") || "–",
    p: p === null ? "–" : p.toPrecision(2),
    verdict: verdictText(judgement),
    records: records.join(", ") || "–",
  };
  return table(Object.entries(rows).map(([field, value]) => ({ field, value })), {
    caption: claim.id,
  });
}
