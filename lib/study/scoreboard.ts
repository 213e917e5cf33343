/**
 * The scoreboard: every claim of the studies it is handed, judged from the records there are.
 *
 * @module
 */

import { table, type TextAndHtml } from "../display/mod.ts";
import {
  type Judged,
  type Judgement,
  measuredText,
  ruleText,
  tooFew,
  verdictText,
} from "./claims.ts";
import { judgeAll, readResults, type Results, type Study } from "./study.ts";

/** A line of the scoreboard, as `deno task claims --json` prints it (an infinite end as null). */
export interface Score extends Judged {
  /** Name of the claim. */
  id: string;
  /** Row of the paper's experiments; null beyond the paper. */
  row: number | null;
  /** Notebook that shows it. */
  notebook: string;
  /** The paper's value. */
  paper: string;
  /** Seeds it was planned with. */
  planned: number;
  /** Hashes of the records behind it. */
  records: string[];
}

/** A claim with its verdict and its line of the scoreboard. */
export interface ScoredClaim {
  /** Its line of the scoreboard. */
  score: Score;
  /** The claim as it was judged. */
  judgement: Judgement;
  /** Where it comes from. */
  study: Study;
}

/**
 * All claims of some studies, judged from committed records.
 *
 * @example
 * ```ts
 * import { threePhases } from "../studies/mod.ts";
 * import { scoreboardOf } from "./scoreboard.ts";
 * const board = scoreboardOf([threePhases]);
 * console.log(board.filter(({ score }) => score.verdict === "holds").length);
 * ```
 */
export function scoreboardOf(studies: readonly Study[]): ScoredClaim[] {
  return studies.flatMap((study) =>
    judgeAll(readResults(study, { from: "data" })).map((judgement): ScoredClaim => {
      const { claim: { id, row, paper, n: planned }, values: _, ...found } = judgement;
      const { notebook } = study;
      return { study, judgement, score: { id, row, notebook, paper, planned, ...found } };
    })
  ).sort((a, b) => (a.score.row ?? Infinity) - (b.score.row ?? Infinity));
}

/**
 * The claims of one study with their verdicts, as a notebook shows them.
 *
 * @example
 * ```ts
 * import { threePhases } from "../studies/mod.ts";
 * import { claimsTable } from "./scoreboard.ts";
 * import { readResults } from "./study.ts";
 * console.log(claimsTable(readResults(threePhases)).text);
 * ```
 */
export function claimsTable(results: Results): TextAndHtml {
  return table(
    judgeAll(results).map((judgement) => ({
      claim: judgement.claim.statement,
      measured: measuredText(judgement),
      rule: `${judgement.claim.quantity}: ${ruleText(judgement.claim.rule)}`,
      paper: judgement.claim.paper,
      verdict: verdictText(judgement),
    })),
    { caption: `Claims and verdicts (scale ${results.scale})` },
  );
}

/**
 * A scoreboard as a Markdown table, with lines that count.
 *
 * @example
 * ```ts
 * import { threePhases } from "../studies/mod.ts";
 * import { markdownOf, scoreboardOf } from "./scoreboard.ts";
 * console.log(markdownOf(scoreboardOf([threePhases])));
 * ```
 */
export function markdownOf(board: readonly ScoredClaim[]): string {
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  const rows = board.map(({ judgement, score }) =>
    [
      score.row === null ? "new" : String(score.row),
      judgement.claim.statement,
      judgement.claim.quantity,
      judgement.claim.paper,
      measuredText(judgement),
      ruleText(judgement.claim.rule),
      String(judgement.n),
      verdictText(judgement),
    ].map(cell).join(" | ")
  );
  return [
    countsOf(board),
    "",
    "Ours: mean over n seeds and its 95 % interval, of ratios on logarithms.",
    "",
    "| row | claim | measured quantity | paper | ours | rule | n | verdict |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n");
}

/** How many claims stand how, in sentences. */
function countsOf(board: readonly ScoredClaim[]): string {
  const scores = board.map(({ score }) => score);
  const that = (verdict: Judgement["verdict"]) => scores.filter((own) => own.verdict === verdict);
  const [hold, fail, without] = [that("holds"), that("does not hold"), that("no verdict")];
  const decided = [...hold, ...fail];
  const few = without.filter(({ n, planned }) => tooFew(n, planned));
  const rows = (own: readonly Score[]) => new Set(own.flatMap(({ row }) => row ?? [])).size;
  return `${scores.length} claims. ${decided.length} are decided: ${hold.length} hold, ` +
    `${fail.length} do not hold. ${that("undecided").length} are undecided. ` +
    `${without.length} have a number and no verdict: ${few.length} for too few seeds, ` +
    `${without.length - few.length} for seeds that are all the same (sd 0). ` +
    `${that("not run").length} are not run yet. ` +
    `${rows(decided)} of the paper's ${rows(scores)} rows have a decided claim.`;
}
