/**
 * Python environments inside the checkout: one folder each, made when its requirements file or
 * the Python below it has changed.
 *
 * Their programs are started as `bin/python -E …`: the scripts in bin/ name the place where they
 * were made, and would not survive that the checkout is moved; variables such as PYTHONPATH are for
 * another Python. What a user's variables and files tell pip about where and what to install does
 * not reach them either; how to reach the package index does.
 *
 * @module
 */

import { command, type CommandOptions, REGISTRY_HINT, SetupError } from "./command.ts";

/** Names under which a Python is looked for, and the oldest one that the requirements have. */
const PROGRAMS = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];
const OLDEST = 11;
const PROBE = "import sys; print('%d.%d.%d' % sys.version_info[:3]); import ensurepip, venv";

/** Variables that tell pip how to reach an index; all others tell it what to install, or where. */
const REACH = new Set(
  ("INDEX_URL EXTRA_INDEX_URL NO_INDEX FIND_LINKS TRUSTED_HOST CERT CLIENT_CERT PROXY TIMEOUT " +
    "DEFAULT_TIMEOUT RETRIES RESUME_RETRIES KEYRING_PROVIDER USE_FEATURE USE_DEPRECATED " +
    "CACHE_DIR NO_CACHE_DIR CONFIG_FILE").split(" ").map((name) => `PIP_${name}`),
);

/** Takes back what a user's pip.conf says of places: pip skips values that are empty. */
const PIP_CONF = ["global", "install"].map((section) =>
  `[${section}]\nuser =\ntarget =\nprefix =\nroot =\n`
).join("");

/**
 * The first Python on PATH that environments can be made of.
 *
 * @throws {SetupError} that names what was found instead.
 */
export async function findPython(programs: readonly string[] = PROGRAMS): Promise<string> {
  const found: string[] = [];
  for (const program of programs) {
    const { version, venv } = await probe(program);
    const [major = 0, minor = 0] = version.split(".").map(Number);
    const old = major * 100 + minor < 300 + OLDEST;
    if (venv && !old) return program;
    if (version) found.push(`${program} ${version}${old ? "" : " without venv"}`);
  }
  throw new SetupError(
    `Cannot set up: Python must be >= 3.${OLDEST} with venv, got ${found.join(", ") || "none"}. ` +
      "Install python3-venv, or python3.11-venv where python3 is older (sudo apt-get install …); " +
      `any of ${PROGRAMS.join(", ")} on PATH will do.`,
  );
}

async function probe(program: string): Promise<{ version: string; venv: boolean }> {
  try {
    const { stdout, success } = await new Deno.Command(program, {
      args: ["-E", "-c", PROBE],
      stderr: "null",
    }).output();
    return { version: new TextDecoder().decode(stdout).trim(), venv: success };
  } catch {
    return { version: "", venv: false };
  }
}

/** What an environment is made of: it is good as long as its mark says the same. */
function ingredients(folder: string, requirements: string): string {
  return `# ${Deno.realPathSync(`${folder}/bin/python`)}\n${Deno.readTextFileSync(requirements)}`;
}

/** Whether the environment is there and made of what it would be made of today. */
export function hasPythonEnvironment(folder: string, requirements: string): boolean {
  try {
    return Deno.readTextFileSync(`${folder}/.factlab`) === ingredients(folder, requirements);
  } catch {
    return false;
  }
}

/**
 * Makes the environment if it is not there yet and returns its Python.
 *
 * @throws {SetupError} that names the step that failed, with what it said.
 */
export async function pythonEnvironment(folder: string, requirements: string): Promise<string> {
  const python = `${folder}/bin/python`;
  if (hasPythonEnvironment(folder, requirements)) return python;
  console.log(`Installing ${requirements} into ${folder} …`);
  await command(await findPython(), ["-E", "-m", "venv", "--clear", folder]);
  Deno.writeTextFileSync(`${folder}/pip.conf`, PIP_CONF);
  await pip(folder, ["install", "--quiet", "--no-cache-dir", "-r", requirements]);
  Deno.writeTextFileSync(`${folder}/.factlab`, ingredients(folder, requirements));
  return python;
}

/**
 * Runs an environment's pip; `env` is added to what it sees.
 *
 * @throws {SetupError} if it fails.
 */
export async function pip(
  folder: string,
  args: string[],
  { show, env: more }: Pick<CommandOptions, "show" | "env"> = {},
): Promise<void> {
  const reach = Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) =>
      !name.startsWith("PIP_") || REACH.has(name)
    ),
  );
  const python = ["-E", "-m", "pip", "--disable-pip-version-check"];
  await command(`${folder}/bin/python`, [...python, ...args], {
    env: { ...reach, ...more },
    show,
    hint: REGISTRY_HINT,
  });
}
