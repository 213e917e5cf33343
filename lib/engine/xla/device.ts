/**
 * The device of this process: opened with the first engine, closed with the last one, so that its
 * memory is given back.
 *
 * @module
 */

import { PluginError } from "./api.ts";
import { type Client, type DeviceInfo, openClient } from "./client.ts";
import { findPlugin, type Plugin } from "./plugins.ts";

let plugin: Plugin | undefined;
let client: Client | undefined;
let users = 0;
let info: DeviceInfo | undefined;
let memory = Infinity;

/**
 * Finds the plugin of this machine and sees that its device opens.
 *
 * @example
 * ```ts
 * import { openXla } from "factlab/engine";
 * const { name, plugin } = await openXla();
 * console.log(name, plugin);
 * ```
 *
 * @throws {Error} with what to do, where there is no plugin, no driver or no device.
 */
export function openXla(): Promise<DeviceInfo> {
  // XLA calls errors what is none: only who wants to see all of it sees it.
  const level = Deno.env.get("TF_CPP_MIN_LOG_LEVEL") ?? "2";
  if (level === "2") Deno.env.set("TF_CPP_MIN_LOG_LEVEL", "3");
  plugin ??= findPlugin();
  // It stays open for the engine that is built next.
  client ??= opened(plugin);
  info = client.info;
  memory = (client.memory()?.limit || Infinity) / 2 ** 30;
  return Promise.resolve(info);
}

/** What is alive on the device, for tests of leaks; nothing where it is closed. */
export function aliveOnDevice(): Client["alive"] {
  return { ...(client?.alive ?? { buffers: 0, executables: 0, downloads: 0 }) };
}

/** What the device is; undefined before it has been opened. */
export function deviceInfo(): DeviceInfo | undefined {
  return info;
}

/** GiB of memory that the device has; Infinity where its plugin does not say. */
export function deviceMemory(): number {
  return memory;
}

/** The device, until it is disposed. */
export interface Lease extends Disposable {
  readonly client: Client;
}

/** Takes the device; it is open as long as somebody has it. */
export function leaseDevice(): Lease {
  if (!plugin) throw new Error("Cannot use device gpu: it has not been opened (openXla).");
  client ??= opened(plugin);
  const own = client;
  users++;
  let isMine = true;
  return {
    client: own,
    [Symbol.dispose]() {
      if (!isMine) return;
      isMine = false;
      users--;
      if (users > 0) return;
      client = undefined;
      own[Symbol.dispose]();
    },
  };
}

function opened(plugin: Plugin): Client {
  try {
    return openClient(plugin);
  } catch (cause) {
    if (!(cause instanceof PluginError)) throw cause;
    throw new Error(
      `Cannot open device gpu with ${plugin.path}: ${cause.message.split("\n")[0]}.` +
        (cause.isMemory ? " Another process may use the device: nvidia-smi tells which." : ""),
      { cause },
    );
  }
}
