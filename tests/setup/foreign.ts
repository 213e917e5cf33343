// A machine on which everything points away from the checkout: variables and files that send pip,
// Python and Jupyter elsewhere.

/** Variables of that machine; the files they name are written into the folder. */
export function foreignMachine(folder: string): Record<string, string> {
  const kernel = JSON.stringify({ argv: ["false"], display_name: "Foreign", language: "none" });
  const files = {
    "home/.config/pip/pip.conf": `[global]\nuser = true\n[install]\ntarget = ${folder}/target\n`,
    "home/.local/share/jupyter/kernels/deno/kernel.json": kernel,
    "jupyter/kernels/deno/kernel.json": kernel,
    "jupyter/jupyter_server_config.json": JSON.stringify({ ServerApp: { root_dir: "/nowhere" } }),
    "jupyter/jupyter_config.json": JSON.stringify({
      KernelSpecManager: { allowed_kernelspecs: ["foreign"] },
    }),
    "python/json/__init__.py": "raise ImportError('a foreign module')\n",
  };
  for (const [name, text] of Object.entries(files)) {
    const path = `${folder}/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, text);
  }
  const jupyter = "PATH CONFIG_PATH CONFIG_DIR DATA_DIR RUNTIME_DIR".split(" ");
  return {
    HOME: `${folder}/home`,
    PIP_USER: "1",
    PIP_TARGET: `${folder}/target`,
    PIP_PREFIX: `${folder}/prefix`,
    PIP_ROOT: `${folder}/root`,
    PIP_DRY_RUN: "1",
    PIP_REQUIRE_HASHES: "1",
    PIP_PYTHON: "/nowhere/python",
    PYTHONPATH: `${folder}/python`,
    PYTHONHOME: `${folder}/python`,
    PYTHONUSERBASE: `${folder}/userbase`,
    ...Object.fromEntries(jupyter.map((name) => [`JUPYTER_${name}`, `${folder}/jupyter`])),
    JUPYTERLAB_DIR: `${folder}/jupyter/lab`,
    JUPYTER_PREFER_ENV_PATH: "0",
    JUPYTER_NO_CONFIG: "1",
    IPYTHONDIR: `${folder}/ipython`,
  };
}

/** What programs keep in a home for themselves; pip asks rustc for its version. */
const OTHERS = [".cache", ".npm", ".rustup"];

/** All files in the folder, but for what is no matter of ours. */
export function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].filter(({ name }) => !OTHERS.includes(name))
    .flatMap(({ name, isDirectory }) =>
      isDirectory ? filesIn(`${folder}/${name}`) : `${folder}/${name}`
    ).sort();
}
