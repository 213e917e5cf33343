/**
 * Runs the programs of set-up: one that fails becomes an error that says what it printed and what
 * to do.
 *
 * @module
 */

/** An error whose text already tells a person what to do. */
export class SetupError extends Error {}

/** What a failed download may be about. */
export const REGISTRY_HINT =
  "Is the package registry reachable? Behind a proxy, set HTTPS_PROXY and try again.";

/** How a program is run. */
export interface CommandOptions {
  /** What cannot be done without it; "Cannot set up" by default. */
  cannot?: string;
  /** The way out if it is missing or fails. */
  hint?: string;
  /** Its whole environment; by default this process's. */
  env?: Record<string, string>;
  /** Whether what it prints is seen at once, and not handed back. */
  show?: boolean;
}

/**
 * Runs a program and hands back what it printed.
 *
 * @throws {SetupError} if it is missing or fails.
 */
export async function command(
  program: string,
  args: string[],
  { cannot = "Cannot set up", hint = "", env, show = false }: CommandOptions = {},
): Promise<string> {
  const stream = show ? "inherit" : "piped";
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: stream,
      stderr: stream,
      ...(env && { clearEnv: true, env }),
    }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new SetupError(`${cannot}: ${program} is missing. ${hint}`);
  }
  if (show && output.success) return "";
  const [stdout, stderr] = show
    ? ["", ""]
    : [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (output.success) return stdout!;
  throw new SetupError(
    `${cannot}: "${program} ${args.slice(0, 4).join(" ")} …" failed (exit code ` +
      `${output.code}). ${hint}\n${(stdout! + stderr).trim().split("\n").slice(-15).join("\n")}`,
  );
}
