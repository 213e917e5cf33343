/**
 * The command line of what `deno task` calls: its options, `--help`, and refusals in words, with exit
 * code 2 and no stack trace. Set-up has its own, as it comes before all packages.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { didYouMean } from "../lib/display/meant.ts";

/** What an option is given: nothing, a text, or a text each time that it is named. */
type Kind = "flag" | "text" | "texts";

/** What was given for each option. */
type Given<Options extends Record<string, Kind>> = {
  [Name in keyof Options]?: Options[Name] extends "flag" ? boolean
    : Options[Name] extends "text" ? string
    : string[];
};

/** A command that people type. */
interface Command<Options extends Record<string, Kind>, Read> {
  /** What `--help` prints; the first line begins with the command itself. */
  usage: string;
  /** Its options, without `--`. */
  options?: Options;
  /** Whether it takes names as well: of studies, of runs. */
  names?: boolean;
  /** Whether it works in any folder, as in a bundle; else it must be started in a checkout. */
  anywhere?: boolean;
  /** What is made of them; an error that it throws is a refusal. */
  read?(given: Given<Options>, names: string[]): Read;
  /** The arguments; this process's own by default. */
  args?: readonly string[];
}

/**
 * Reads the command line of this process. With `--help`, or where something is refused, the process
 * ends here.
 */
export function commandLine<Read, const Options extends Record<string, Kind>>(
  { usage, options, names = false, anywhere = false, read, args = Deno.args }: Command<
    Options,
    Read
  >,
): Read {
  const [command = ""] = /^deno task \S+/.exec(usage) ?? [];
  try {
    const { given, positionals } = parsed(args, options ?? {});
    if (given.help) {
      console.log(usage);
      Deno.exit(0);
    }
    if (!anywhere) checkFolder();
    if (!names && positionals.length > 0) {
      throw new Error(`it takes no names, got ${positionals.join(" ")}`);
    }
    return read?.(given as Given<Options>, positionals) as Read;
  } catch (error) {
    const { message } = error as Error;
    const told = message.startsWith("Cannot ")
      ? message
      : `Cannot run ${command}: ${message}. ${command} --help says more.`;
    console.error(told);
    Deno.exit(2);
  }
}

function parsed(args: readonly string[], kinds: Record<string, Kind>) {
  const options: Record<string, { type: "string" | "boolean"; multiple?: boolean }> = {
    help: { type: "boolean" },
  };
  for (const [name, kind] of Object.entries(kinds)) {
    options[name] = kind === "flag"
      ? { type: "boolean" }
      : { type: "string", multiple: kind === "texts" };
  }
  // Not strict: what it would refuse is refused here, in our words.
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { rawName, name, value } = token;
    const option = options[name];
    if (!option) {
      const known = Object.keys(options).map((own) => `--${own}`);
      throw new Error(`${rawName} is not an option${didYouMean(rawName, known)}`);
    }
    if (option.type === "string" && !value) throw new Error(`${rawName} must be given a value`);
    if (option.type === "boolean" && value !== undefined) {
      throw new Error(`${rawName} must be given no value, got ${value}`);
    }
  }
  return { given: values as Record<string, unknown>, positionals };
}

/** Refuses every folder that has no lists: paths begin at the checkout. */
function checkFolder(): void {
  try {
    if (Deno.statSync("data").isDirectory) return;
  } catch {
    // Said below.
  }
  throw new Error(
    `the folder must be that of a checkout, got ${Deno.cwd()}. Go there first: cd ` +
      fileURLToPath(new URL("../", import.meta.url)).replace(/\/$/, ""),
  );
}

/** One of some texts, as an option; undefined if it is not given. */
export function choice<Text extends string>(
  option: string,
  given: string | undefined,
  texts: readonly Text[],
): Text | undefined {
  const found = texts.find((text) => text === given);
  if (found !== undefined || given === undefined) return found;
  throw new Error(
    `${option} must be one of ${texts.join(", ")}, got ${given}${didYouMean(given, texts)}`,
  );
}

/** A number as an option; undefined if it is not given. */
export function number(
  option: string,
  given: string | undefined,
  { whole = false, above = -Infinity, least = -Infinity } = {},
): number | undefined {
  if (given === undefined) return undefined;
  const value = given.trim() === "" ? NaN : Number(given);
  const isKind = whole ? Number.isInteger(value) : Number.isFinite(value);
  if (isKind && value > above && value >= least) return value;
  const bound = above > -Infinity
    ? ` above ${above}`
    : least > -Infinity
    ? ` of at least ${least}`
    : "";
  throw new Error(`${option} must be a ${whole ? "whole " : ""}number${bound}, got ${given}`);
}
