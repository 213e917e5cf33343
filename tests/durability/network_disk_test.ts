// File systems of clusters: without locks, without a way to sync a folder.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";

/** Fails the calls that such file systems fail, with the error number that they give. */
const SHIM = `
#define _GNU_SOURCE
#include <cerrno>
#include <cstdlib>
#include <dlfcn.h>
#include <sys/stat.h>

static int refuses(const char *call) {
  const char *number = getenv(call);
  return number ? atoi(number) : 0;
}

extern "C" int flock(int file, int operation) {
  if ((errno = refuses("NO_FLOCK"))) return -1;
  return ((int (*)(int, int)) dlsym(RTLD_NEXT, "flock"))(file, operation);
}

static int sync(const char *call, int file) {
  struct stat about;
  if (!fstat(file, &about) && S_ISDIR(about.st_mode) && (errno = refuses("NO_FOLDER_SYNC"))) {
    return -1;
  }
  return ((int (*)(int)) dlsym(RTLD_NEXT, call))(file);
}

extern "C" int fsync(int file) { return sync("fsync", file); }
extern "C" int fdatasync(int file) { return sync("fdatasync", file); }
`;

/** Takes and gives back the lock of a folder in all ways, writes a file there, and says how it went. */
const SCRIPT = `
  import { lockFolder, writeWhole } from "LIB/trainer/files.ts";
  const folder = new URL(Deno.args[0]);
  const attempt = (what) => {
    try {
      const lock = lockFolder(folder);
      console.log(what, "taken");
      return lock;
    } catch (error) {
      console.log(what, error.message.replace(String(Deno.pid), "PID"));
    }
  };
  const first = attempt("free:");
  attempt("held:");
  first[Symbol.dispose]();
  attempt("given back:")[Symbol.dispose]();
  Deno.writeTextFileSync(new URL("lock", folder), '{"pid":4194305,"since":"2020"}');
  attempt("left behind:")[Symbol.dispose]();
  writeWhole(new URL("file", folder), new TextEncoder().encode("whole"));
  console.log("file:", Deno.readTextFileSync(new URL("file", folder)));
`;

const [EIO, EINVAL, ENOLCK, ENOSYS, EOPNOTSUPP] = [5, 22, 37, 38, 95];
const folder = Deno.makeTempDirSync();
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
const lib = new URL("../../lib", import.meta.url).href;
Deno.writeTextFileSync(`${folder}/shim.cc`, SHIM);
Deno.writeTextFileSync(`${folder}/script.ts`, SCRIPT.replace("LIB", () => lib));
const compiled = await new Deno.Command("g++", {
  args: ["-shared", "-fPIC", "-o", `${folder}/shim.so`, `${folder}/shim.cc`, "-ldl"],
}).output();
assert(compiled.success, new TextDecoder().decode(compiled.stderr));

/** What the script says on such a file system. */
async function onDisk(env: Record<string, string>) {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", `${folder}/script.ts`, `file://${folder}/`],
    env: { LD_PRELOAD: `${folder}/shim.so`, NO_COLOR: "1", ...env },
  }).output();
  const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { lines: output!.trim().split("\n"), errors: errors! };
}

const HELD = "held: Cannot run: process PID has been training this run since";

for (
  const [what, env] of [
    ["with locks", {}],
    ...[ENOLCK, ENOSYS, EOPNOTSUPP].map((
      n,
    ) => [`without locks (error ${n})`, { NO_FLOCK: `${n}` }]),
  ] as [string, Record<string, string>][]
) {
  Deno.test(`${what} two of a machine are kept apart, and a dead one keeps nobody out`, async () => {
    const { lines, errors } = await onDisk(env);
    const [free, held, back, left, file] = lines;
    assertEquals([free, back, left, file], [
      "free: taken",
      "given back: taken",
      "left behind: taken",
      "file: whole",
    ], errors);
    assertStringIncludes(held!, HELD);
    assertEquals(errors.includes("has no locks"), "NO_FLOCK" in env, errors);
  });
}

for (const number of [EINVAL, EOPNOTSUPP]) {
  Deno.test(`a folder that cannot be synced (error ${number}) keeps nobody from writing`, async () => {
    const { lines, errors } = await onDisk({ NO_FOLDER_SYNC: `${number}` });
    assertEquals(lines.at(-1), "file: whole", errors);
    assertEquals(errors, "");
  });
}

Deno.test("a folder whose sync fails is an error", async () => {
  const { lines, errors } = await onDisk({ NO_FOLDER_SYNC: `${EIO}` });
  assertEquals(lines.at(-1), "left behind: taken");
  assertStringIncludes(errors, "Cannot write ");
});
