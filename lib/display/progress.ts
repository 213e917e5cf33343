/**
 * How far a long piece of work has come: bar, share, speed and time left, on one line.
 * Leaves out drawing it again and again: hand each line to a live display.
 *
 * @module
 */

import { type TextAndHtml, textAndHtml } from "./bundle.ts";
import { escapeHtml, oneLine } from "./escape.ts";
import { formatCell } from "./table.ts";

/** The state of the work. */
export interface ProgressState {
  /** Steps done. */
  done: number;
  /** Steps in all. */
  total: number;
  /** When the work started, in milliseconds since 1970. */
  startedAt: number;
  /**
   * Seconds of it that were spent on steps, where other things are done in between: they give speed
   * and time left. All since `startedAt` by default.
   */
  working?: number;
  /** Steps that were done already at `startedAt`, as after a resume; 0 by default. */
  doneAtStart?: number;
  /** The present, in milliseconds since 1970; the clock by default. */
  now?: number;
  /** What one step is called; "steps" by default. */
  unit?: string;
  /** Further figures for the end of the line. */
  extra?: Readonly<Record<string, number | string>>;
}

/**
 * One line that says how far the work has come, with an HTML form.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { progress } from "factlab";
 *
 * const line = progress({ done: 50, total: 200, startedAt: 0, now: 10_000, extra: { loss: 3.7 } });
 * assertEquals(
 *   line.text,
 *   "█████───────────────  25 %  50/200  5.0 steps/s  30 s left  loss 3.7",
 * );
 * ```
 */
export function progress(state: ProgressState): TextAndHtml {
  const { done, total, startedAt, doneAtStart = 0, now = Date.now(), unit = "steps" } = state;
  const share = total > 0 ? Math.min(1, Math.max(0, done / total || 0)) : 0;
  const seconds = (now - startedAt) / 1000;
  const { working = seconds } = state;
  const speed = working > 0 ? (done - doneAtStart) / working : 0;
  const words = [
    `${Math.floor(share * 100)} %`,
    `${done}/${total}`,
    ...(speed > 0 ? [`${speed.toFixed(speed < 100 ? 1 : 0)} ${unit}/s`] : []),
    remaining(total - done, speed, seconds),
    ...Object.entries(state.extra ?? {}).map(([name, value]) => `${name} ${formatCell(value)}`),
  ].map(oneLine);
  const filled = Math.floor(share * 20);
  const text = `${"█".repeat(filled)}${"─".repeat(20 - filled)}  ${words.join("  ")}`;
  return textAndHtml(text, html(share, words));
}

/**
 * A span of time in the two units that matter, a dash for one without end.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatDuration } from "factlab";
 *
 * assertEquals([8, 95, 7380].map(formatDuration), ["8 s", "1 min 35 s", "2 h 3 min"]);
 * ```
 */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function remaining(steps: number, speed: number, seconds: number): string {
  if (steps <= 0) return `done in ${formatDuration(seconds)}`;
  return speed > 0 ? `${formatDuration(steps / speed)} left` : "starting";
}

function html(share: number, words: string[]): string {
  const bar = "display:inline-block;width:160px;height:10px;border-radius:5px;overflow:hidden;" +
    "background:rgba(128,128,128,.3)";
  const filled = `display:block;height:10px;background:#0072b2;width:${(share * 100).toFixed(1)}%`;
  return `<div style="font-variant-numeric:tabular-nums"><span style="${bar}">` +
    `<span style="${filled}"></span></span> ${escapeHtml(words.join(" · "))}</div>`;
}
