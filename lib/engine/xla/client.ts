/**
 * A device behind a plugin: programs, buffers in its memory, copies to and from it. Knows nothing of
 * traces or models.
 *
 * @module
 */

import type { Spec } from "../contract.ts";
import {
  addressOf,
  type Api,
  bytesAt,
  loadApi,
  PluginError,
  type Slot,
  struct,
  textAt,
} from "./api.ts";
import { namedValues } from "./options.ts";
import type { Plugin } from "./plugins.ts";

/** Numbers in the device's memory; freed by {@link Client.free}, or by a run that it is donated to. */
export interface Buffer {
  readonly address: bigint;
}

/** A compiled program on its device. */
export interface Executable {
  readonly address: bigint;
}

/** A copy from the device that is under way. */
export interface Download {
  /** Settles when the copy is there, without holding up anything else. */
  ready(): Promise<void>;
  /** Waits for the copy and returns it. */
  read(): Float32Array | Int32Array;
}

/** What an accelerator is. */
export interface DeviceInfo {
  /** Name of the device, such as "NVIDIA H100 80GB HBM3". */
  name: string;
  /** Kind of platform: "cuda", "cpu", … */
  platform: string;
  /** Version of the plugin, as it says. */
  plugin: string;
  /** Version of PJRT's interface. */
  pjrt: string;
  /** Version of the driver below it, where there is one. */
  driver?: string;
}

/** An open device. */
export interface Client extends Disposable {
  readonly info: DeviceInfo;
  /** What is alive of what was made, for tests of leaks. */
  readonly alive: { buffers: number; executables: number; downloads: number };
  /** Bytes in use, at most in use and available; undefined where the plugin does not say. */
  memory(): { used: number; peak: number; limit: number } | undefined;
  /** Compiles a module; holds up everything else, for seconds. */
  compile(code: string, options: Uint8Array<ArrayBuffer>): Executable;
  /** The same in another thread. */
  compileAside(code: string, options: Uint8Array<ArrayBuffer>): Promise<Executable>;
  /** A compiled program as bytes; undefined where the plugin cannot do that. */
  serialize(executable: Executable): Uint8Array<ArrayBuffer> | undefined;
  /** A program from such bytes, of the same plugin and device. */
  load(bytes: Uint8Array<ArrayBuffer>): Executable;
  /** Copies numbers to the device. */
  upload(values: Float32Array | Int32Array, shape: readonly number[]): Buffer;
  /** Begins to copy a buffer from the device. */
  download(buffer: Buffer, spec: Spec): Download;
  /** Starts a program; its outputs can be used at once, as what follows waits for them. */
  execute(executable: Executable, inputs: readonly Buffer[], outputs: number): Buffer[];
  /** Gives memory back, now or when what uses it has ended. */
  free(buffers: readonly Buffer[]): void;
  /** Gives a program back. */
  unload(executable: Executable): void;
}

/** A copy to the host: its event, where it goes, why it failed. */
interface Copy {
  readonly event: bigint;
  readonly values: Float32Array | Int32Array;
  /** While another thread waits for its event. */
  waiting?: Promise<void>;
  failure?: unknown;
}

/** PJRT_Buffer_Type. */
const TYPE = { int32: 4, float32: 11 } as const;

/**
 * Opens the first device of a plugin.
 *
 * @throws {PluginError} with the plugin's words, if there is no device or no memory.
 */
export function openClient({ path, options, driver }: Plugin): Client {
  const api = loadApi(path);
  const named = namedValues(options);
  const created = api.call("Client_Create", [
    ...[named.count ? addressOf(named.values) : 0, named.count, 0, 0, 0, 0, 0, 0, 0],
  ]);
  const client = created[6]!;
  const devices = api.call("Client_AddressableDevices", [client, 0, 0]);
  if (devices[2] === 0n) throw new PluginError("Client_AddressableDevices: no device", 5);
  const [device] = new BigUint64Array(bytesAt(devices[1]!, 8n).buffer);
  const alive = { buffers: 0, executables: 0, downloads: 0 };
  /** Copies under way: their arrays must not move or vanish. */
  const copies = new Set<Copy>();

  const end = (copy: Copy) => {
    if (!copies.delete(copy)) return;
    api.call("Event_Destroy", [copy.event]);
    alive.downloads = copies.size;
  };
  /** Waits for a copy here and now; how it ended is kept for whoever reads it. */
  const wait = (copy: Copy) => {
    try {
      if (copies.has(copy)) api.call("Event_Await", [copy.event]);
    } catch (error) {
      copy.failure ??= error;
    }
    // What another thread waits for ends with its wait.
    if (!copy.waiting) end(copy);
  };
  /** Lets go of copies that nobody waits for and that have ended. */
  const sweep = () => {
    for (const copy of copies) {
      if (!copy.waiting && api.call("Event_IsReady", [copy.event, 0])[1]! & 1n) wait(copy);
    }
  };
  const executable = (address: bigint): Executable => {
    alive.executables++;
    return { address };
  };
  const program = (code: string, options: Uint8Array<ArrayBuffer>) => {
    const [text, format] = [code, "mlir"].map((own) => new TextEncoder().encode(own));
    const own = struct([addressOf(text!), text!.length, addressOf(format!), format!.length]);
    const slots = [client, addressOf(own), addressOf(options), options.length, 0];
    return { slots, keep: [text, format, own, options] };
  };
  /** PJRT_ExecuteOptions: nothing of it is used. */
  const plain = struct(new Array(12).fill(0));

  return {
    info: { ...about(api, client, device!), ...(driver ? { driver } : {}) },
    alive,
    memory() {
      try {
        const stats = api.call("Device_MemoryStats", [device!, ...new Array(22).fill(0)]);
        const [used, peak, limit] = [stats[1], stats[2], stats[8]].map(Number);
        return { used: used!, peak: peak!, limit: limit! };
      } catch (error) {
        if (error instanceof PluginError) return undefined;
        throw error;
      }
    },
    compile: (code, options) =>
      executable(api.call("Client_Compile", program(code, options).slots)[4]!),
    async compileAside(code, options) {
      const { slots, keep } = program(code, options);
      const result = await api.callAside("Client_Compile", slots);
      keep.length = 0;
      return executable(result[4]!);
    },
    serialize({ address }) {
      const inner = api.call("LoadedExecutable_GetExecutable", [address, 0])[1]!;
      try {
        const made = api.call("Executable_Serialize", [inner, 0, 0, 0, 0]);
        const bytes = bytesAt(made[1]!, made[2]!) as Uint8Array<ArrayBuffer>;
        const free = Deno.UnsafePointer.create(made[4]!) as Deno.PointerObject<never>;
        new Deno.UnsafeFnPointer(free, { parameters: ["pointer"], result: "void" } as const)
          .call(Deno.UnsafePointer.create(made[3]!));
        return bytes;
      } catch (error) {
        if (error instanceof PluginError && error.isMissing) return undefined;
        throw error;
      } finally {
        api.call("Executable_Destroy", [inner]);
      }
    },
    load: (bytes) =>
      executable(
        api.call("Executable_DeserializeAndLoad", [
          ...[client, addressOf(bytes), bytes.length, 0, 0, 0],
        ])[3]!,
      ),
    upload(values, shape) {
      const sizes = BigInt64Array.from(shape.length ? shape : [1], BigInt);
      const type = values instanceof Int32Array ? TYPE.int32 : TYPE.float32;
      const slots: Slot[] = [
        client,
        values.length ? addressOf(values as Float32Array<ArrayBuffer>) : 0,
        type,
      ];
      // Semantics 0: the plugin has its own copy when the call returns.
      slots.push(addressOf(sizes), shape.length, 0, 0, 0, device!, 0, 0, 0, 0);
      const result = api.call("Client_BufferFromHostBuffer", slots);
      const [event, address] = [result[11]!, result[12]!];
      if (event) {
        api.call("Event_Await", [event]);
        api.call("Event_Destroy", [event]);
      }
      alive.buffers++;
      return { address };
    },
    download({ address }, { shape, dtype }) {
      sweep();
      const size = shape.reduce((a, b) => a * b, 1);
      const values = dtype === "int32" ? new Int32Array(size) : new Float32Array(size);
      if (size === 0) return { ready: () => Promise.resolve(), read: () => values };
      const slots = [address, 0, addressOf(values), values.byteLength, 0];
      const event = api.call("Buffer_ToHostBuffer", slots)[4]!;
      const copy: Copy = { event, values };
      copies.add(copy);
      alive.downloads = copies.size;
      return {
        async ready() {
          if (copy.failure || !copies.has(copy)) return;
          // One thread waits, whoever asks: when it is done, the event is gone.
          copy.waiting ??= (async () => {
            try {
              await api.callAside("Event_Await", [event]);
            } catch (error) {
              copy.failure ??= error;
            }
            end(copy);
          })();
          await copy.waiting;
        },
        read() {
          wait(copy);
          if (copy.failure) throw copy.failure;
          return values;
        },
      };
    },
    execute({ address }, inputs, outputs) {
      const given = BigUint64Array.from(inputs, (own) => own.address);
      const lists = BigUint64Array.of(inputs.length ? addressOf(given) : 0n);
      const made = new BigUint64Array(Math.max(1, outputs));
      const madeLists = BigUint64Array.of(addressOf(made));
      api.call("LoadedExecutable_Execute", [
        ...[address, addressOf(plain), addressOf(lists), 1, inputs.length],
        ...[addressOf(madeLists), 0, 0],
      ]);
      alive.buffers += outputs;
      return Array.from(made.subarray(0, outputs), (address) => ({ address }));
    },
    free(buffers) {
      for (const { address } of buffers) api.call("Buffer_Destroy", [address]);
      alive.buffers -= buffers.length;
    },
    unload({ address }) {
      api.call("LoadedExecutable_Destroy", [address]);
      alive.executables--;
    },
    [Symbol.dispose]() {
      for (const copy of [...copies]) if (!copy.waiting) wait(copy);
      api.call("Client_Destroy", [client]);
    },
  };
}

/** What a client says of itself. */
function about(api: Api, client: bigint, device: bigint): DeviceInfo {
  const text = (name: "Client_PlatformName" | "Client_PlatformVersion") => {
    const [, address, length] = api.call(name, [client, 0, 0]);
    return textAt(address!, length!);
  };
  const description = api.call("Device_GetDescription", [device, 0])[1]!;
  const [, address, length] = api.call("DeviceDescription_Kind", [description, 0, 0]);
  return {
    name: textAt(address!, length!),
    platform: text("Client_PlatformName"),
    plugin: text("Client_PlatformVersion").replaceAll(/\s+/g, " ").trim(),
    pjrt: `0.${api.minor}`,
  };
}
