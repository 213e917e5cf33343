/**
 * The scoreboard: every claim of the studies it is handed, judged from the records there are.
 *
 * @module
 */

import { table, type TextAndHtml } from "../display/mod.ts";
import { type Judgement, measuredText, ruleText, verdictText } from "./claims.ts";
import { judgeAll, readResults, type Results, type Study } from "./study.ts";

/** A line of the scoreboard, as `deno task claims --json` prints it. */
export interface Score {
  /** Name of the claim. */
  id: string;
  /** Row of the paper's experiments; null beyond the paper. */
  row: number | null;
  /** Notebook that shows it. */
  notebook: string;
  /** The paper's value. */
  paper: string;
  /** Mean over seeds; null before any run. */
  measured: number | null;
  /** Standard deviation over seeds; null for fewer than three. */
  sd: number | null;
  /** Number of seeds. */
  n: number;
  /** How it stands. */
  verdict: Judgement["verdict"];
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
    judgeAll(readResults(study, { from: "data" })).map((judgement) => ({
      study,
      judgement,
      score: scoreOf(study, judgement),
    }))
  ).sort((a, b) => (a.score.row ?? Infinity) - (b.score.row ?? Infinity));
}

function scoreOf({ notebook }: Study, { claim, ...judged }: Judgement): Score {
  const { measured, sd, n, verdict, records } = judged;
  return {
    id: claim.id,
    row: claim.row,
    notebook,
    paper: claim.paper,
    measured,
    sd,
    n,
    verdict,
    records,
  };
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
    { caption: `Claims and verdicts (scale ${results.regime.scale})` },
  );
}

/**
 * A scoreboard as a Markdown table, with a line that counts.
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
  const decided = board.filter(({ score }) => score.n >= 3);
  const count = (verdict: Judgement["verdict"]) =>
    decided.filter(({ score }) => score.verdict === verdict).length;
  const few = board.filter(({ score }) => score.n > 0 && score.n < 3).length;
  const open = board.filter(({ score }) => score.n === 0).length;
  const verdicts = `${count("holds")} hold, ${count("undecided")} are undecided, ` +
    `${count("does not hold")} do not hold`;
  return [
    `${decided.length} claims tested with three seeds or more: ${verdicts}. ${few} with fewer, ` +
    `${open} not run yet. Mean ± standard deviation over n seeds.`,
    "",
    "| row | claim | measured quantity | paper | ours | rule | n | verdict |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n");
}
