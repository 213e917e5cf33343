/**
 * The environment variables that factlab reads, and what they may be. README's table is this one.
 *
 * @module
 */

interface Variable {
  /** What it does, in a line. */
  says: string;
  /** What it must be, in words; anything if not said. */
  must?: string;
  /** Whether a text is that. */
  is?(text: string): boolean;
}

/** All variables, by name. */
export const VARIABLES = {
  FACTLAB_OUT: {
    says: "folder of runs, maps and records of this machine; out/ of the checkout by default",
  },
  FACTLAB_CORES: {
    says: "cores that a process keeps busy; all by default",
    must: "a whole number >= 1",
    is: (text) => Number.isInteger(Number(text)) && Number(text) >= 1,
  },
  FACTLAB_FRESH: {
    says: "1 trains every run from the start, 0 reads records and trains nothing",
    must: "0 or 1",
    is: (text) => text === "0" || text === "1",
  },
  FACTLAB_SCALE: {
    says: "scale of studies and notebooks that name none; laptop by default",
    must: "smoke, laptop or paper",
    is: (text) => ["smoke", "laptop", "paper"].includes(text),
  },
  FACTLAB_BUDGET: {
    says: "minutes that a study may train without being asked; 10 by default",
    must: "a number of minutes, 0 or more",
    is: (text) => Number(text) >= 0,
  },
} as const satisfies Record<string, Variable>;

/**
 * What a variable says; undefined if it is not set, is empty, or the process may not see it.
 *
 * @throws {Error} if it must be something else.
 */
export function variable(name: keyof typeof VARIABLES): string | undefined {
  // Records are read by programs that may not see the environment.
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  const text = state === "granted" ? Deno.env.get(name)?.trim() : undefined;
  if (text === undefined || text === "") return undefined;
  const { must, is = () => true }: Variable = VARIABLES[name];
  if (is(text)) return text;
  throw new Error(`Cannot run: ${name} must be ${must}, got "${text}".`);
}
