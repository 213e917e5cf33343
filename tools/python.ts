/**
 * Python environments for tasks that need more than the set-up gives: one folder each, made when
 * its requirements file has changed.
 *
 * @module
 */

/**
 * Makes the environment if it is not there yet and returns its Python.
 *
 * @throws {Error} that names the step that failed, with what it said.
 */
export async function pythonEnvironment(folder: string, requirements: string): Promise<string> {
  const wanted = Deno.readTextFileSync(requirements);
  const python = `${folder}/bin/python`;
  const mark = `${folder}/.factlab`;
  try {
    if (Deno.readTextFileSync(mark) === wanted) return python;
  } catch {
    // Not there yet.
  }
  console.log(`Installing ${requirements} into ${folder} …`);
  await run("python3", "-m", "venv", "--clear", folder);
  await run(python, "-m", "pip", "install", "--quiet", "-r", requirements);
  Deno.writeTextFileSync(mark, wanted);
  return python;
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args }).output();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim().split("\n").slice(-5).join("\n");
  throw new Error(
    `Cannot make a Python environment: ${program} ${args.join(" ")} failed.\n${said}`,
  );
}
