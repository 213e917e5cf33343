/**
 * Starts JupyterLab on this machine with factlab's kernel, and nothing outside the checkout
 * touched. Extra arguments go to JupyterLab.
 *
 * @module
 */

const cache = `${Deno.cwd()}/.cache/jupyter`;
const folders = {
  JUPYTER_CONFIG_DIR: "config",
  JUPYTER_DATA_DIR: "data",
  JUPYTER_RUNTIME_DIR: "runtime",
  JUPYTERLAB_SETTINGS_DIR: "settings",
  JUPYTERLAB_WORKSPACES_DIR: "workspaces",
  IPYTHONDIR: "ipython",
};
const env = Object.fromEntries(
  Object.entries(folders).map(([name, folder]) => [name, `${cache}/${folder}`]),
);
const root = ["--allow-root"].filter(() => Deno.uid() === 0);
const lab = new Deno.Command(".venv/bin/jupyter", {
  args: ["lab", "--ip=127.0.0.1", "--ServerApp.root_dir=.", ...root, ...Deno.args],
  env,
}).spawn();
Deno.addSignalListener("SIGINT", () => {});
Deno.exit((await lab.status).code);
