// The device of tests: XLA's plugin for processors, which needs no accelerator.

import { openXla } from "../../lib/engine/mod.ts";
import { fetchPlugin } from "../../tools/plugin.ts";

/** Opens it. */
export async function openTestDevice(): Promise<void> {
  Deno.env.set("FACTLAB_PJRT", await fetchPlugin());
  await openXla();
}
