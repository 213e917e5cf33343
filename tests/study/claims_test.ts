// The verdicts of docs/protocol.md, "Claims", case by case.

import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type Displayable, displaySymbol } from "../../lib/display/mod.ts";
import { rateTuning, threePhases } from "../../lib/studies/mod.ts";
import {
  type Arm,
  type Claim,
  claimsTable,
  experimentOf,
  finding,
  findingsOf,
  judge,
  judgeAll,
  markdownOf,
  measuredText,
  readResults,
  type Rule,
  ruleText,
  runStudy,
  satisfies,
  scoreboardOf,
  type Study,
  type Verdict,
  verdictText,
} from "../../lib/study/mod.ts";
import type { RunRecord } from "../../lib/trainer/mod.ts";

const CENSORED = NaN;
const [above, below] = [{ above: 0.9 }, { below: 0.5 }];
const between: Rule = { between: [0.6, 1] };

Deno.test("a verdict follows from where the interval lies, or all seeds that have no value", () => {
  const cases: [string, Rule, number[], Verdict][] = [
    ["beyond the threshold", above, [0.95, 0.96, 0.97], "holds"],
    ["every seed beyond, the interval not", above, [0.91, 0.91, 1], "undecided"],
    [
      "a seed on the other side, the interval not",
      above,
      [1, 1.01, 1.02, 0.99, 1.03, 0.899],
      "holds",
    ],
    ["on the other side", above, [0.1, 0.2, 0.3], "does not hold"],
    ["no seed beyond, the interval nearly", above, [0.8, 0.89, 0.85], "undecided"],
    ["below", below, [0.1, 0.11, 0.12], "holds"],
    ["not below", below, [0.9, 0.91, 0.92], "does not hold"],
    ["inside", between, [0.8, 0.81, 0.79], "holds"],
    ["over the upper bound", between, [0.95, 0.99, 0.97], "undecided"],
    ["over both bounds", between, [0.5, 0.8, 1.1], "undecided"],
    ["outside, above", between, [1.2, 1.21, 1.19], "does not hold"],
    ["outside, below", between, [0.3, 0.31, 0.29], "does not hold"],
    ["as good as, inside the margin", { above: -0.01 }, [0, 0.001, -0.001], "holds"],
    ["as good as on average alone", { above: -0.01 }, [-0.02, 0.03, 0.05], "undecided"],
    ["no run", above, [], "not run"],
    ["one seed", above, [1], "no verdict"],
    ["two seeds", above, [1, 1.1], "no verdict"],
    ["all the same", { below: 0.2 }, [0.1, 0.1, 0.1], "no verdict"],
    ["all without a value", below, [CENSORED, CENSORED, CENSORED], "does not hold"],
    ["the same, between", between, [CENSORED, CENSORED, CENSORED], "does not hold"],
    ["two without a value", below, [CENSORED, CENSORED], "no verdict"],
    ["one without, the others fine", below, [0.1, 0.1, 0.11, CENSORED], "undecided"],
    ["the same, above", above, [1, 1.01, 1.02, CENSORED], "undecided"],
    ["the same, between", between, [0.8, 0.81, 0.79, CENSORED], "undecided"],
    ["one without, two beyond the far side, spread", below, [0.6, 0.7, CENSORED], "undecided"],
    ["one without, two close beyond it", below, [0.6, 0.601, CENSORED], "does not hold"],
    ["one without, two above both, spread", between, [1.3, 1.2, CENSORED], "undecided"],
    ["one without, the others on both sides", between, [1.3, 0.2, CENSORED], "undecided"],
    [
      "one without, the interval beyond the far side",
      below,
      [0.6, 0.61, 0.6, 0.62, 0.59, 0.6, 0.499, CENSORED],
      "does not hold",
    ],
    ["one value alone", below, [0.1, CENSORED, CENSORED], "undecided"],
    ["infinite on the side of the rule", above, [1, 1.01, 1.02, Infinity], "holds"],
    ["the same, the interval of the others not", above, [1, 1.2, Infinity], "undecided"],
    ["infinite in all seeds", above, [Infinity, Infinity, Infinity], "holds"],
    ["infinite on the far side", below, [0.1, 0.11, Infinity], "undecided"],
    ["infinite on either side", above, [1, Infinity, -Infinity], "undecided"],
    ["infinite, between", between, [0.8, 0.81, Infinity], "undecided"],
  ];
  for (const [what, rule, values, verdict] of cases) {
    assertEquals(judge(rule, values, { n: 1 }).verdict, verdict, what);
  }
});

Deno.test("fewer seeds than were planned have no verdict, more have one", () => {
  const of = (n: number, values: number[]) => judge(above, values, { n }).verdict;
  assertEquals(of(5, [0.95, 0.96, 0.97]), "no verdict");
  assertEquals(of(3, [0.95, 0.96, 0.97]), "holds");
  assertEquals(of(3, [0.95, 0.96, 0.97, 0.5]), "undecided");
  assertEquals(of(1, [0.95]), "no verdict");
});

Deno.test("a number comes with its interval and p, and p is below .05 where it is decided", () => {
  // SciPy's t.interval and ttest_1samp.
  const one = judge(above, [0.95, 0.96, 0.97], { n: 3 });
  assertAlmostEquals(one.measured!, 0.96, 1e-12);
  assertAlmostEquals(one.interval![0], 0.935158623, 1e-8);
  assertAlmostEquals(one.interval![1], 0.984841377, 1e-8);
  assertAlmostEquals(one.p!, 0.0091326114, 1e-9);
  const spread = [-0.05, 0, 0.05];
  for (const rule of [above, below, between]) {
    for (let centre = 0.2; centre < 1.4; centre += 0.0137) {
      const { verdict, p } = judge(rule, spread.map((d) => centre + d), { n: 3 });
      assertEquals(p! < 0.05, verdict !== "undecided", `${ruleText(rule)} of ${centre}`);
    }
  }
  for (const values of [[1], [1, 1, 1], [1, 1.1, NaN], [1, 1.1, Infinity]]) {
    assertEquals(judge(above, values, { n: 1 }).p, null);
  }
});

Deno.test("where seeds have no value the interval has no end on their side", () => {
  const of = (rule: Rule, ...rest: number[]) =>
    judge(rule, [0.4, 0.8, 1.2, ...rest], { n: 3 }).interval!.map(Number.isFinite);
  assertEquals(of(above, NaN), [false, true]);
  assertEquals(of(below, NaN), [true, false]);
  assertEquals(of(between, NaN), [false, false]);
  assertEquals(of(above, Infinity), [true, false]);
  assertEquals(of(below, -Infinity), [false, true]);
  const { measured, interval } = judge(above, [1, NaN, NaN], { n: 3 });
  assertEquals([measured, interval], [null, null]);
});

Deno.test("a ratio is averaged and judged on logarithms, and its inverse likewise", () => {
  const ratio = { n: 3, ratio: true } as const;
  const values = [0.5, 1, 4];
  const [one, inverse] = [
    judge({ below: 8 }, values, ratio),
    judge({ above: 1 / 8 }, values.map((v) => 1 / v), ratio),
  ];
  assertAlmostEquals(one.measured!, Math.cbrt(2), 1e-12);
  assertAlmostEquals(one.measured! * inverse.measured!, 1, 1e-12);
  assertAlmostEquals(one.interval![0] * inverse.interval![1], 1, 1e-9);
  assertAlmostEquals(one.p!, inverse.p!, 1e-12);
  // The plain mean of 6.8 lies below 13.4, and its interval from -21 to 35 does not.
  assertEquals(judge({ below: 13.4 }, [0.1, 0.3, 20], { n: 3 }).verdict, "undecided");
  assertEquals(judge({ above: 0.5 }, [0.9, 1, 9, NaN], ratio).interval![0], 0);
  for (const wrong of [0, -0.5]) {
    assertThrows(
      () => judge({ below: 1 }, [0.5, wrong, 0.5], { ...ratio, id: "loss-falls" }),
      Error,
      `Cannot judge loss-falls: a ratio must be above 0 in every seed, got ${wrong}.`,
    );
    judge({ below: 1 }, [0.5, wrong, 0.5], { n: 3 });
  }
});

Deno.test("rules exclude their bounds and say themselves", () => {
  assertEquals(satisfies(below, 0.5), false);
  assertEquals([0.6, 0.7, 1].map((value) => satisfies(between, value)), [false, true, false]);
  for (const rule of [above, below, between]) assertEquals(satisfies(rule, NaN), false);
  assertEquals([above, below, between].map(ruleText), ["> 0.9", "< 0.5", "0.6 to 1"]);
});

Deno.test("numbers are told with their interval, and why there is no verdict", () => {
  const text = (rule: Rule, values: number[]) =>
    measuredText({ ...judge(rule, values, { n: 3 }), values });
  assertEquals(text(above, [0.95, 0.96, 0.97]), "0.96 [0.935, 0.985]");
  assertEquals(text(above, [2]), "2");
  assertEquals(text(above, []), "–");
  assertEquals(text(above, [0.5, Infinity, NaN]), "0.5, none in 2 of 3 seeds");
  assertEquals(text(below, [0.4, 0.5, NaN]), "0.4, 0.5, none in 1 of 3 seeds [-0.185, ∞]");
  const why = (values: number[], n: number) =>
    verdictText({ ...judge(above, values, { n }), claim: { n } });
  assertEquals(why([1], 1), "no verdict (n = 1)");
  assertEquals(why([1, 2, 3], 5), "no verdict (3 of 5 seeds)");
  assertEquals(why([1, 1, 1], 3), "no verdict (sd 0)");
  assertEquals(why([1, 1.1, 1.2], 3), "undecided");
});

Deno.test("a caption has the words of its verdict, and those of undecided where there is none", () => {
  const words = { holds: "yes.", "does not hold": "no", undecided: "open " };
  const told = (rule: Rule, n: number, own: Parameters<typeof finding>[2] = words) => {
    const { claims: [claim], ...rest } = experimentOf(threePhases, "laptop");
    const study = { ...threePhases, in: () => ({ ...rest, claims: [{ ...claim!, rule, n }] }) };
    return finding(readResults(study, { from: "data" }), claim!.id, own);
  };
  const measured = measuredText(judgeAll(readResults(threePhases, { from: "data" }))[0]!);
  assertEquals(told({ above: -1 }, 5), `yes (${measured}; rule:\u00a0>\u00a0-1).`);
  assertEquals(told({ below: -1 }, 5), `no (${measured}; rule:\u00a0<\u00a0-1)`);
  const alone = measured.replace(/ .*/, ""); // Too few seeds have no interval.
  assertEquals(told({ above: -1 }, 6), `open (${alone}; rule:\u00a0>\u00a0-1) `);
  const few = { ...words, "no verdict": "few seeds" };
  assertEquals(told({ above: -1 }, 6, few), `few seeds (${alone}; rule:\u00a0>\u00a0-1)`);
  assertEquals(finding(readResults(threePhases, { scale: "paper" }), "plateau", words), "");
  assertThrows(() => finding(readResults(threePhases), "x", words), Error, "has no claim x");
});

Deno.test("a study that makes no claim says so instead of an empty table", () => {
  const { text, html } = claimsTable(readResults(rateTuning, { from: "data" }));
  assertEquals([text, html], ["This study makes no claim.", "<p>This study makes no claim.</p>"]);
});

Deno.test("the scoreboard marks claims of the same runs and those that survive all others", () => {
  // One record a seed, which all claims but the last read.
  const arms = experimentOf(threePhases, "laptop").arms as Arm[];
  const seedOf = ({ header: { configuration } }: RunRecord) => configuration.seed;
  const claim = (id: string, row: number | null, threshold: number): Claim => ({
    id,
    row,
    statement: "a | b",
    paper: "",
    quantity: id,
    rule: { above: threshold },
    n: 5,
    measure: (recordOf) => seedOf(recordOf(arms[0]!)),
  });
  const claims = [
    claim("far", 1, -1000),
    claim("near", 2, 0.03), // p .0496: decided, but not among three.
    claim("open", 2, 1.5),
    { ...claim("planned", null, 0), n: 6 },
  ];
  const study: Study = {
    ...threePhases,
    in: (regime) => ({ ...experimentOf(threePhases, regime), claims }),
  };
  const board = scoreboardOf([study]);
  const scores = board.map(({ score }) => score);
  assertEquals(scores.map(({ verdict }) => verdict), ["holds", "holds", "undecided", "no verdict"]);
  assertEquals(scores.map(({ survives }) => survives), [true, false, false, false]);
  assertEquals(scores.map(({ planned }) => planned), [5, 5, 5, 6]);
  assertEquals(scores[0]!.sameRuns, ["near", "open", "planned"]);
  const text = markdownOf(board);
  assert(
    text.startsWith("4 claims. 2 are decided: 2 hold, 0 do not hold; 1 of these survive"),
    text,
  );
  assert(
    text.includes("1 are undecided. 1 have a number and no verdict: 1 for too few seeds"),
    text,
  );
  assert(text.includes("2 of the paper's 2 rows have a decided claim. At the paper's"), text);
  // A row without one says why: the claim of it that is nearest to a verdict.
  const rest = markdownOf(
    board.filter(({ score }) => score.verdict !== "holds").map((scored) => (
      { ...scored, score: { ...scored.score, row: scored.score.row ?? 3 } }
    )),
  );
  assert(rest.includes("0 of the paper's 2 rows have a decided claim."), rest);
  assert(rest.includes("The other rows: undecided: 2; no verdict: 3."), rest);
  assert(
    text.includes(
      "| 🟢 **holds** | 1 | a \\| b | far | 2 [0.0368, 3.96] | > -1000 |  | – | 5 | [5](",
    ),
    text,
  );
  // The same board as if it were the paper's scale's: a column, and how many have a number.
  const both = markdownOf(board, { atPaper: board.slice(0, 1) });
  assert(both.includes("|  | 🟢 2 [0.0368, 3.96] (> -1000; n = 5) | 5 | [5]("), both);
  assert(both.includes("At the paper's own scale 1 have a number."), both);
  // A short table has that column where it says something.
  const columns = (text: string) => text.split("\n")[0]!.split(" | ").length;
  const [first, second] = board.map(({ score }) => score.id);
  assertEquals(columns(findingsOf(board, [first!, second!])), 5);
  assertEquals(columns(findingsOf(board, [first!], { atPaper: board.slice(1, 2) })), 5);
  assertEquals(columns(findingsOf(board, [first!, second!], { atPaper: board.slice(0, 1) })), 6);
  assert(scores.every(({ scale }) => scale === "laptop"));
  const paper = scoreboardOf([threePhases], { scale: "paper" });
  assertEquals(paper.map(({ score }) => score.scale).includes("laptop"), false);
  const alone = scoreboardOf([{
    ...study,
    in: (regime) => ({ ...experimentOf(threePhases, regime), claims: [claims[1]!] }),
  }]);
  assertEquals([alone[0]!.score.survives, alone[0]!.score.sameRuns], [true, []]);
});

Deno.test("a claim shows itself with its rule, every seed's value and its records", async () => {
  const judged = judgeAll(readResults(threePhases, { from: "data" }))
    .find(({ n }) => n === 5)!;
  const bundle = await (judged as unknown as Displayable)[displaySymbol]();
  const text = bundle["text/plain"] as string;
  assert(text.includes(judged.claim.quantity) && text.includes(ruleText(judged.claim.rule)));
  assertEquals(judged.values.length, judged.n);
  for (const value of judged.values) assert(text.includes(value.toPrecision(3)));
  for (const hash of judged.records) assert(text.includes(hash));
});

Deno.test("results are shown as their claims where they end a notebook's cell", async () => {
  const results = await runStudy(threePhases, { budgetMinutes: 0 });
  const bundle = await (results as unknown as Displayable)[displaySymbol]();
  for (const { statement } of results.experiment.claims) {
    assert((bundle["text/plain"] as string).includes(statement), statement);
  }
});
