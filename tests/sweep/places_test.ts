// Where workers compute: shares of the cores, and a GPU for each where there are some.

import { assertEquals, assertThrows } from "@std/assert";
import { availableCores } from "../../lib/engine/mod.ts";
import { listedGpus, namedGpus, placesOn, visibleGpus } from "../../lib/sweep/places.ts";

const cores = availableCores();

/** Calls a test with CUDA_VISIBLE_DEVICES, and with `nvidia-smi` and `ls` that print this. */
function withGpus(
  { named, listed = "", driver = "" }: { named?: string; listed?: string; driver?: string },
  test: () => void,
): void {
  const before = { PATH: Deno.env.get("PATH"), named: Deno.env.get("CUDA_VISIBLE_DEVICES") };
  const folder = Deno.makeTempDirSync();
  const set = (name: string, text: string | undefined) =>
    text === undefined ? Deno.env.delete(name) : Deno.env.set(name, text);
  for (const [name, text] of [["nvidia-smi", listed], ["ls", driver]]) {
    Deno.writeTextFileSync(`${folder}/${name}`, `#!/bin/sh\nprintf '${text}'\n`);
    Deno.chmodSync(`${folder}/${name}`, 0o755);
  }
  set("PATH", `${folder}:${before.PATH}`);
  set("CUDA_VISIBLE_DEVICES", named);
  try {
    test();
  } finally {
    set("PATH", before.PATH);
    set("CUDA_VISIBLE_DEVICES", before.named);
    Deno.removeSync(folder, { recursive: true });
  }
}

const LISTED = "GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-aa)\\n" +
  "GPU 1: NVIDIA H100 80GB HBM3 (UUID: GPU-bb)\\n" +
  "  MIG 3g.40gb     Device  0: (UUID: MIG-cc)\\n" +
  "  MIG 3g.40gb     Device  1: (UUID: MIG-dd)\\n" +
  "GPU 2: NVIDIA H100 80GB HBM3 (UUID: GPU-ee)\\n";

Deno.test("on cpu workers share the cores, one a core by default", () => {
  withGpus({ named: "0,1" }, () => {
    assertEquals(placesOn("cpu").length, cores);
    const [place] = placesOn("cpu", 1);
    assertEquals(place, {
      FACTLAB_CORES: String(cores),
      FACTLAB_DEVICE: "cpu",
      FACTLAB_FRESH: "",
    });
    assertEquals(placesOn("cpu", 3 * cores).map((own) => own.FACTLAB_CORES)[0], "1");
  });
});

Deno.test("on a device with GPUs every worker has one, and there are no more workers", () => {
  withGpus({ named: "3, 5" }, () => {
    const share = String(Math.max(1, Math.floor(cores / 2)));
    assertEquals(
      placesOn("gpu").map((own) => [own.FACTLAB_CORES, own.CUDA_VISIBLE_DEVICES]),
      [[share, "3"], [share, "5"]],
    );
    assertEquals(placesOn("gpu", 1).map((own) => own.CUDA_VISIBLE_DEVICES), ["3"]);
    assertThrows(
      () => placesOn("gpu", 3),
      Error,
      "workers must be at most 2 on device gpu, one a GPU (3, 5), got 3. Leave workers out",
    );
    assertThrows(() => placesOn("gpu", 0), Error, "workers must be a whole number of at least 1");
  });
});

Deno.test("where no GPU is seen one worker has the device, whatever it is", () => {
  for (const world of [{ named: "" }, { named: "-1" }, {}]) {
    withGpus(world, () => {
      assertEquals(visibleGpus(), []);
      const [place, ...others] = placesOn("gpu");
      assertEquals(["CUDA_VISIBLE_DEVICES" in place!, others.length], [false, 0]);
      assertThrows(() => placesOn("gpu", 2), Error, "at most 1 on device gpu, one a GPU (none is");
    });
  }
});

Deno.test("GPUs are those that are named, else listed, else known to the driver", () => {
  withGpus({ named: "1", listed: LISTED }, () => assertEquals(visibleGpus(), ["1"]));
  withGpus(
    { listed: LISTED, driver: "0000:01:00.0\\n" },
    () => assertEquals(visibleGpus(), ["GPU-aa", "MIG-cc", "MIG-dd", "GPU-ee"]),
  );
  withGpus(
    { listed: "No devices found\\n", driver: "0000:01:00.0\\n0000:02:00.0\\n" },
    () => assertEquals(visibleGpus(), ["0", "1"]),
  );
  assertEquals(listedGpus(""), []);
  assertEquals(namedGpus("0,GPU-8932,-1,2"), ["0", "GPU-8932"]);
  assertEquals(namedGpus("MIG-5c89"), ["MIG-5c89"]);
});
