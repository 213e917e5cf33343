/**
 * A Slurm cluster of one node on this machine, for tests: Debian's slurm-wlm and munge, with all
 * files in one folder. Needs root.
 *
 * @module
 */

/** Daemons that must be there. */
export const DAEMONS = ["munged", "slurmctld", "slurmd"];

/** A running cluster; disposing it ends its daemons. */
export interface Cluster extends AsyncDisposable {
  /** What Slurm's commands need in their environment. */
  environment: Record<string, string>;
}

/** Starts a cluster of `cpus` cores in an empty folder and waits until its node takes jobs. */
export async function startCluster(folder: string, cpus: number): Promise<Cluster> {
  const host = Deno.hostname();
  for (const name of ["state", "spool"]) Deno.mkdirSync(`${folder}/${name}`);
  const socket = `${folder}/munge.socket`;
  const key = `${folder}/munge.key`;
  Deno.writeFileSync(key, crypto.getRandomValues(new Uint8Array(128)), { mode: 0o400 });
  const conf = `${folder}/slurm.conf`;
  Deno.writeTextFileSync(
    conf,
    `ClusterName=factlab
SlurmctldHost=${host}
SlurmctldPort=26817
SlurmdPort=26818
AuthType=auth/munge
AuthInfo=socket=${socket}
SlurmUser=root
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
KillWait=5
NodeName=${host} CPUs=${cpus} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`,
  );
  const environment = { SLURM_CONF: conf };
  const daemons: Deno.ChildProcess[] = [];
  const start = (name: string, args: string[]) => {
    const log = Deno.openSync(`${folder}/${name}.log`, { create: true, write: true });
    const child = new Deno.Command(name, {
      args,
      env: environment,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    // Two streams into one log; what remains when the daemon is killed does not matter.
    for (const stream of [child.stdout, child.stderr]) {
      stream.pipeTo(
        new WritableStream({ write: (bytes) => void log.writeSync(bytes) }),
      ).catch(() => {});
    }
    daemons.push(child);
  };
  const end = async () => {
    for (const child of daemons.reverse()) {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
      await child.status;
    }
  };
  try {
    start("munged", [
      "--foreground",
      "--force",
      `--key-file=${key}`,
      `--socket=${socket}`,
      `--pid-file=${folder}/munged.pid`,
      `--seed-file=${folder}/munge.seed`,
      `--log-file=${folder}/munge.log`,
    ]);
    await until(() => exists(socket), "munged opens its socket");
    start("slurmctld", ["-D", "-f", conf]);
    start("slurmd", ["-D", "-f", conf, "-N", host]);
    await until(() => {
      const { stdout } = new Deno.Command("sinfo", {
        args: ["--noheader", "--format=%T"],
        env: environment,
        stderr: "null",
      }).outputSync();
      return new TextDecoder().decode(stdout).trim() === "idle";
    }, "the node takes jobs");
  } catch (error) {
    await end();
    throw error;
  }
  return { environment, [Symbol.asyncDispose]: end };
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    if (holds()) return;
    await new Promise((go) => setTimeout(go, 500));
  }
  throw new Error(`Cannot start a cluster: it took more than a minute until ${what}.`);
}
