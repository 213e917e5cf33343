// What values look like: cells, columns, escaping of data, progress lines.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  bundleOf,
  displayable,
  displaySymbol,
  escapeHtml,
  formatDuration,
  oneLine,
  progress,
  sparkline,
  table,
} from "../../lib/display/mod.ts";

const hostile = `<script>alert("1")</script>`;

Deno.test("a person named <script> stays text in every part of a table", () => {
  const { html } = table([{ [hostile]: hostile }, { [hostile]: "Ann & 'Lee'" }], {
    caption: hostile,
  });
  assert(!html.includes("<script"));
  assertEquals(html.split("&lt;script&gt;").length - 1, 3);
  assertStringIncludes(html, "Ann &amp; &#39;Lee&#39;");
});

Deno.test("a person named <script> stays text in a progress line and in plain displays", () => {
  const { html } = progress({ done: 1, total: 2, startedAt: 0, extra: { [hostile]: hostile } });
  assert(!html.includes("<script"));
  assertEquals(escapeHtml(`<a href="x">`), "&lt;a href=&quot;x&quot;&gt;");
});

Deno.test("data cannot move the cursor or break the lines of a table", () => {
  const { text } = table([{ name: "Ann\r\n\x1b[2JLee" }]);
  assertEquals(text.split("\n").length, 3);
  assert(!text.includes("\x1b"));
  assertEquals(oneLine("a\u2028b\tc"), "a b c");
});

Deno.test("a table picks, titles and formats columns, and marks what is missing", () => {
  const { text } = table([{ n: 512, loss: 0.51234, note: "x" }, { n: 2048, loss: null }], {
    caption: "Loss (nats)",
    columns: ["n", { key: "loss", title: "L", format: (value) => value ? `${value}!` : "none" }],
  });
  assertEquals(
    text,
    ["Loss (nats)", "   n         L", "────  ────────", " 512  0.51234!", "2048      none"].join(
      "\n",
    ),
  );
});

Deno.test("a table without rows still has its head", () => {
  assertEquals(table([], { columns: ["a", "b"] }).text, "a  b\n─  ─");
  assertStringIncludes(table([]).html, "<table");
});

Deno.test("progress counts the speed of this session only, and copes with no time and no work", () => {
  const resumed = progress({ done: 60, total: 100, doneAtStart: 50, startedAt: 0, now: 1000 });
  assertStringIncludes(resumed.text, "10.0 steps/s  4 s left");
  // A second of them was spent on something else.
  const measured = { done: 60, total: 100, doneAtStart: 50, startedAt: 0, now: 2000, working: 1 };
  assertStringIncludes(progress(measured).text, "10.0 steps/s  4 s left");
  assertStringIncludes(progress({ done: 0, total: 5, startedAt: 9, now: 9 }).text, "starting");
  assertStringIncludes(
    progress({ done: 5, total: 5, startedAt: 0, now: 90_000 }).text,
    "done in 1 min 30 s",
  );
  assertStringIncludes(progress({ done: 0, total: 0, startedAt: 0, now: 0 }).text, "0 %");
});

Deno.test("a displayable is asked anew each time, a table brings both of its forms", async () => {
  let asked = 0;
  const counter = displayable(() => ({ "text/plain": String(++asked) }));
  await bundleOf(counter);
  assertEquals(await counter[displaySymbol](), { "text/plain": "2" });
  assertEquals(Object.keys(await bundleOf(table([{ a: 1 }]))), ["text/plain", "text/html"]);
});

Deno.test("a cell holds any value, and says dates and big numbers as they are", () => {
  const odd = [new Date(0), 12n, new Map([["a", 1]]), { b: [1] }, Object.create(null), Symbol("c")];
  const rows = odd.map((value) => ({ value }));
  const [, , ...cells] = table(rows).text.split("\n");
  assertEquals(cells, [
    "1970-01-01T00:00:00.000Z",
    "12",
    'Map(1) { "a" => 1 }',
    "{ b: [ 1 ] }",
    "[Object: null prototype] {}",
    "Symbol(c)",
  ]);
  assertEquals(table([{ n: 5n }, { n: 12n }]).text, " n\n──\n 5\n12");
  assertEquals(table([{ a: "\ud800!" }]).text.split("\n")[2], "\ufffd!");
});

Deno.test("tables and rows of bars take any number of values", () => {
  const values = Float64Array.from({ length: 200_000 }, (_, at) => at);
  assertEquals(sparkline(values, Infinity).length, values.length);
  assertEquals(table([...values].map((n) => ({ n }))).text.split("\n").length, values.length + 2);
  assertEquals([sparkline([]), sparkline([NaN, Infinity]), sparkline([NaN, 3])], ["", "", "▁"]);
});

Deno.test("progress of no known length or speed is a line all the same", () => {
  const line = (done: number, total: number, now = 1000) =>
    progress({ done, total, startedAt: 0, now, unit: "steps" }).text;
  assertStringIncludes(line(NaN, 10), "─".repeat(20) + "  0 %");
  assertStringIncludes(line(1, Infinity), "– left");
  assertStringIncludes(line(1, 2, NaN), "starting");
  assertEquals([Infinity, NaN].map(formatDuration), ["–", "–"]);
});
