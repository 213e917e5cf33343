/**
 * The scoreboard: every claim of the studies it is handed, judged from the records there are.
 *
 * @module
 */

import { table, type TextAndHtml, textAndHtml } from "../display/mod.ts";
import type { Scale } from "../generator/mod.ts";
import { benjaminiHochberg } from "../readings/mod.ts";
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
  /** How large its runs are. */
  scale: Scale;
  /** Row of the paper's experiments; null beyond the paper. */
  row: number | null;
  /** Notebook that shows it. */
  notebook: string;
  /** The paper's value. */
  paper: string;
  /** Seeds it was planned with. */
  planned: number;
  /** Whether it stays decided with 5 % of false discoveries among all claims that have a p. */
  survives: boolean;
  /** Hashes of the records behind it. */
  records: string[];
  /** Other claims that rest on exactly these records. */
  sameRuns: string[];
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
 * All claims of some studies at a scale, judged from committed records, and each against all others.
 *
 * @example
 * ```ts
 * import { threePhases } from "factlab";
 * import { scoreboardOf } from "factlab/study";
 * const board = scoreboardOf([threePhases]);
 * console.log(board.filter(({ score }) => score.survives).map(({ score }) => score.id));
 * ```
 */
export function scoreboardOf(
  studies: readonly Study[],
  { scale = "laptop" }: { scale?: Scale } = {},
): ScoredClaim[] {
  const judged = studies.flatMap((study) =>
    judgeAll(readResults(study, { scale, from: "data" })).map((judgement) => ({ study, judgement }))
  );
  const tested = judged.flatMap(({ judgement }) => judgement.p === null ? [] : [judgement]);
  const chosen = benjaminiHochberg(tested.map(({ p }) => p!));
  const survivors = new Set(tested.filter((_, i) => chosen[i]));
  const runs = Map.groupBy(judged, ({ judgement }) => runsOf(judgement));
  return judged.map(({ study, judgement }): ScoredClaim => {
    const { claim: { id, row, paper, n: planned }, values: _, ...found } = judgement;
    const sameRuns = found.n === 0 ? [] : runs.get(runsOf(judgement))!
      .map(({ judgement: { claim } }) => claim.id).filter((other) => other !== id);
    const survives = survivors.has(judgement);
    const { notebook } = study;
    const score = { id, scale, row, notebook, paper, planned, ...found, survives, sameRuns };
    return { study, judgement, score };
  }).sort((a, b) => (a.score.row ?? Infinity) - (b.score.row ?? Infinity));
}

const runsOf = ({ records }: Pick<Judgement, "records">) => records.toSorted().join();

/**
 * The claims of one study with their verdicts, as a notebook shows them.
 *
 * @example
 * ```ts
 * import { claimsTable, readResults, threePhases } from "factlab";
 * console.log(claimsTable(readResults(threePhases)).text);
 * ```
 */
export function claimsTable(results: Results): TextAndHtml {
  if (results.experiment.claims.length === 0) {
    const text = "This study makes no claim.";
    return textAndHtml(text, `<p>${text}</p>`);
  }
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

/** A mark for each verdict, to be seen from afar. */
const MARKS: Readonly<Record<Judgement["verdict"], string>> = {
  holds: "🟢",
  "does not hold": "🔴",
  undecided: "🟡",
  "no verdict": "⚪",
  "not run": "⚪",
};

/** Where a scoreboard leads, and what stands beside it. */
export interface BoardOptions {
  /** The same claims at the paper's own scale, for a column of their own. */
  atPaper?: readonly ScoredClaim[];
  /** The heading of a notebook's claims, from its number. */
  heading?(notebook: string): string;
  /** Address of a record, from its hash. */
  record?(hash: string): string;
}

/**
 * A scoreboard in Markdown: lines that count, then a table a notebook, verdicts first; laptop, the
 * paper and the paper's scale side by side.
 *
 * @example
 * ```ts
 * import { threePhases } from "factlab";
 * import { markdownOf, scoreboardOf } from "factlab/study";
 * console.log(markdownOf(scoreboardOf([threePhases])));
 * ```
 */
export function markdownOf(
  board: readonly ScoredClaim[],
  { atPaper = [], heading = (notebook) => `Notebook ${notebook}`, record = (hash) => hash }:
    BoardOptions = {},
): string {
  const groups = [
    ...new Set(
      board.filter(({ score }) => score.sameRuns.length > 0).map(({ score }) => runsOf(score)),
    ),
  ];
  // From a to z.
  const letter = (group: number) => group < 0 ? "" : ` ${(10 + group).toString(36)}`;
  const records = (score: Score) => {
    const [first, ...others] = score.records;
    if (first === undefined) return "";
    return `[${others.length + 1}](${record(first)})${letter(groups.indexOf(runsOf(score)))}`;
  };
  const notebooks = Map.groupBy(board, ({ score }) => score.notebook);
  const sections = [...notebooks].sort(([a], [b]) => a < b ? -1 : 1).flatMap(([notebook, own]) => [
    "",
    `## ${heading(notebook)}`,
    "",
    "| verdict | row | claim | measured quantity | laptop | rule | paper | paper's scale | n | runs |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ...own.map(({ judgement, score }) =>
      tableRow([
        markedVerdict({ judgement, score }),
        score.row === null ? "new" : String(score.row),
        judgement.claim.statement,
        judgement.claim.quantity,
        measuredText(judgement),
        ruleText(judgement.claim.rule),
        judgement.claim.paper,
        atPaperText(atPaper, score),
        String(judgement.n),
        records(score),
      ])
    ),
  ]);
  return [countsOf(board, atPaper), ...sections].join("\n");
}

/**
 * Some claims of a scoreboard as one short table in Markdown, in the order of their names; the
 * paper's scale has a column where one of them was run there.
 *
 * @example
 * ```ts
 * import { threePhases } from "factlab";
 * import { findingsOf, scoreboardOf } from "factlab/study";
 * console.log(findingsOf(scoreboardOf([threePhases]), ["knowledge", "plateau"]));
 * ```
 *
 * @throws {Error} for a name that is no claim's.
 */
export function findingsOf(
  board: readonly ScoredClaim[],
  ids: readonly string[],
  { atPaper = [] }: Pick<BoardOptions, "atPaper"> = {},
): string {
  const rows = ids.map((id) => {
    const scored = board.find(({ score }) => score.id === id);
    if (!scored) throw new Error(`Cannot list findings: ${id} must be a claim of the scoreboard.`);
    const { claim } = scored.judgement;
    return {
      verdict: markedVerdict(scored),
      claim: claim.statement,
      "laptop (rule)": `${measuredText(scored.judgement)} (${ruleText(claim.rule)})`,
      paper: claim.paper,
      "paper's scale": atPaperText(atPaper, scored.score),
      n: String(scored.judgement.n),
    };
  });
  const isRun = rows.some((row) => row["paper's scale"] !== NOT_RUN);
  const columns = (Object.keys(rows[0] ?? {}) as (keyof typeof rows[number])[])
    .filter((column) => column !== "paper's scale" || isRun);
  return [
    tableRow(columns),
    tableRow(columns.map(() => "---")),
    ...rows.map((row) => tableRow(columns.map((column) => row[column]))),
  ].join("\n");
}

function tableRow(cells: readonly string[]): string {
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  return `| ${cells.map(cell).join(" | ")} |`;
}

/** The verdict with its mark, in bold where it survives all other claims. */
function markedVerdict({ judgement, score }: Pick<ScoredClaim, "judgement" | "score">): string {
  const text = verdictText(judgement);
  return `${MARKS[score.verdict]} ${score.survives ? `**${text}**` : text}`;
}

/** What stands for a claim's number at a scale at which it has no runs. */
const NOT_RUN = "–";

/** The same claim at the paper's scale: its mark, its number, the rule there, and how many seeds. */
function atPaperText(atPaper: readonly ScoredClaim[], { id }: Pick<Score, "id">): string {
  const own = atPaper.find(({ score }) => score.id === id);
  if (!own || own.score.n === 0) return NOT_RUN;
  const { judgement } = own;
  return `${MARKS[judgement.verdict]} ${measuredText(judgement)} ` +
    `(${ruleText(judgement.claim.rule)}; n = ${judgement.n})`;
}

/** How many claims stand how, in sentences. */
function countsOf(board: readonly ScoredClaim[], atPaper: readonly ScoredClaim[]): string {
  const scores = board.map(({ score }) => score);
  const that = (verdict: Judgement["verdict"]) => scores.filter((own) => own.verdict === verdict);
  const [hold, fail, without] = [that("holds"), that("does not hold"), that("no verdict")];
  const decided = [...hold, ...fail];
  const survivors = decided.filter(({ survives }) => survives);
  const few = without.filter(({ n, planned }) => tooFew(n, planned));
  const rows = (own: readonly Score[]) => new Set(own.flatMap(({ row }) => row ?? [])).size;
  return `${scores.length} claims. ${decided.length} are decided: ${hold.length} hold, ` +
    `${fail.length} do not hold; ${survivors.length} of these survive Benjamini and Hochberg's ` +
    `procedure at 5 % over all claims. ${that("undecided").length} are undecided. ` +
    `${without.length} have a number and no verdict: ${few.length} for too few seeds, ` +
    `${without.length - few.length} for seeds that are all the same (sd 0). ` +
    `${that("not run").length} are not run yet. ` +
    `${rows(decided)} of the paper's ${rows(scores)} rows have a decided claim. ` +
    otherRows(scores) +
    `At the paper's own scale ${atPaper.filter(({ score }) => score.n > 0).length} have a number.`;
}

/** Why a row has no decided claim, the nearest to a verdict first. */
const OPEN = ["undecided", "no verdict", "not run"] as const;

/** The rows without a decided claim: how the claim of each stands that is nearest to a verdict. */
function otherRows(scores: readonly Score[]): string {
  const rows = Map.groupBy(scores.filter(({ row }) => row !== null), ({ row }) => row!);
  const has = (own: readonly Score[], wanted: Judgement["verdict"]) =>
    own.some(({ verdict }) => verdict === wanted);
  const open = [...rows].filter(([, own]) => !has(own, "holds") && !has(own, "does not hold"));
  const nearest = Map.groupBy(open, ([, own]) => OPEN.find((verdict) => has(own, verdict)));
  const told = OPEN.flatMap((verdict) => {
    const own = nearest.get(verdict);
    return own ? [`${verdict}: ${own.map(([row]) => row).join(", ")}`] : [];
  });
  return told.length > 0 ? `The other rows: ${told.join("; ")}. ` : "";
}
