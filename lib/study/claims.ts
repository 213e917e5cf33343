/**
 * Claims: what the paper says, what of it is measured, and the rule that decides. Written before
 * the runs; the verdict follows from records alone (docs/protocol.md, "Claims").
 *
 * @module
 */

import { table, type TextAndHtml } from "../display/mod.ts";
import { mean, standardDeviation } from "../readings/mod.ts";
import type { RecordOfArm } from "./trial.ts";

/** What the measured quantity has to satisfy, in every seed. */
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
  /** Decided by the mean over seeds alone: comparisons of the best of two grids. */
  byMean?: boolean;
  /**
   * The quantity in one seed, from that seed's records of the experiment's arms; NaN where it was
   * not reached, which satisfies no rule.
   */
  measure(recordOf: RecordOfArm): number;
}

/** How a claim stands. */
export type Verdict = "holds" | "does not hold" | "undecided" | "not run";

/** A claim, measured. */
export interface Judgement {
  /** What was claimed. */
  claim: Claim;
  /** Mean over seeds; null before any run. */
  measured: number | null;
  /** Standard deviation over seeds; null for fewer than three. */
  sd: number | null;
  /** Seeds that have all it needs. */
  n: number;
  /** The quantity in each of them. */
  values: number[];
  /** How it stands. */
  verdict: Verdict;
  /** Hashes of the records it rests on. */
  records: string[];
}

/**
 * The verdict on a claim from its quantity in each seed. With three seeds or more it holds if
 * every seed satisfies the rule and the mean clears the threshold by one standard deviation, and
 * does not hold if no seed does. With one or two seeds there is no such margin: the verdict is
 * marked by its n. `byMean` asks the mean alone: comparisons of the best of two grids.
 *
 * @example
 * ```ts
 * import { judge } from "./claims.ts";
 * console.log(judge({ above: 0.9 }, [0.95, 0.96, 0.97]).verdict); // holds
 * console.log(judge({ above: 0.9 }, [0.85, 0.95, 0.97]).verdict); // undecided
 * ```
 */
export function judge(
  rule: Rule,
  values: readonly number[],
  byMean = false,
): Pick<Judgement, "measured" | "sd" | "n" | "verdict"> {
  const n = values.length;
  if (n === 0) return { measured: null, sd: null, n, verdict: "not run" };
  const satisfied = values.filter((value) => satisfies(rule, value)).length;
  const average = mean(values);
  const sd = n >= 3 ? standardDeviation(values) : null;
  const clears = sd === null || margin(rule, average) >= sd;
  const [all, none] = byMean
    ? [satisfies(rule, average), !satisfies(rule, average)]
    : [satisfied === n && clears, satisfied === 0];
  const verdict = none ? "does not hold" : all ? "holds" : "undecided";
  return { measured: Number.isFinite(average) ? average : null, sd, n, verdict };
}

/** Whether a value satisfies a rule. */
export function satisfies(rule: Rule, value: number): boolean {
  return margin(rule, value) > 0;
}

/** By how much a value clears the nearest threshold; negative or NaN where it does not. */
function margin(rule: Rule, value: number): number {
  if ("above" in rule) return value - rule.above;
  if ("below" in rule) return rule.below - value;
  return Math.min(value - rule.between[0], rule.between[1] - value);
}

/** A rule in words: "> 0.9". */
export function ruleText(rule: Rule): string {
  if ("above" in rule) return `> ${rule.above}`;
  if ("below" in rule) return `< ${rule.below}`;
  return `${rule.between[0]} to ${rule.between[1]}`;
}

/** "0.95 ± 0.02"; where some seeds have no value (a plateau that never ends), those that have. */
export function measuredText(
  { measured, sd, values }: Pick<Judgement, "measured" | "sd" | "values">,
): string {
  const text = (value: number) => String(Number(value.toPrecision(3)));
  if (values.length === 0) return "–";
  if (measured === null) {
    const known = values.filter(Number.isFinite);
    const without = `none in ${values.length - known.length} of ${values.length} seeds`;
    return [...known.map(text), without].join(", ");
  }
  return sd === null ? text(measured) : `${text(measured)} ± ${text(sd)}`;
}

/** The verdict, marked by n where there are too few seeds for a margin. */
export function verdictText({ verdict, n }: Pick<Judgement, "verdict" | "n">): string {
  return n === 0 || n >= 3 ? verdict : `${verdict} (n = ${n})`;
}

/**
 * One claim in full: what was said, what came out in each seed, and where to look.
 *
 * @example
 * ```ts
 * import { threePhases } from "../studies/mod.ts";
 * import { claimView } from "./claims.ts";
 * import { judgeAll, readResults } from "./study.ts";
 * console.log(claimView(judgeAll(readResults(threePhases))[0]!).text);
 * ```
 */
export function claimView(judgement: Judgement): TextAndHtml {
  const { claim, values, records } = judgement;
  const rows = {
    claim: claim.statement,
    "row of the paper": claim.row ?? "beyond it",
    "the paper's value": claim.paper,
    quantity: claim.quantity,
    rule: `${ruleText(claim.rule)}, ${claim.byMean ? "by the mean" : "in every seed"}`,
    measured: measuredText(judgement),
    "in each seed": values.map((value) => value.toPrecision(3)).join(", ") || "–",
    verdict: verdictText(judgement),
    records: records.join(", ") || "–",
  };
  return table(Object.entries(rows).map(([field, value]) => ({ field, value })), {
    caption: claim.id,
  });
}
