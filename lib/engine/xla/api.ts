/**
 * PJRT, the C interface of XLA's plugins, over Deno's FFI: one struct of function pointers, each
 * of which takes one struct of 8-byte slots (pjrt_c_api.h in XLA's sources).
 *
 * @module
 */

/** The functions of the interface up to the last one used here, in the order of their pointers. */
const FUNCTIONS = [
  ...["Error_Destroy", "Error_Message", "Error_GetCode", "Plugin_Initialize"],
  ...["Plugin_Attributes", "Event_Destroy", "Event_IsReady", "Event_Error", "Event_Await"],
  ...["Event_OnReady", "Client_Create", "Client_Destroy", "Client_PlatformName"],
  ...["Client_ProcessIndex", "Client_PlatformVersion", "Client_Devices"],
  ...["Client_AddressableDevices", "Client_LookupDevice", "Client_LookupAddressableDevice"],
  ...["Client_AddressableMemories", "Client_Compile", "Client_DefaultDeviceAssignment"],
  ...["Client_BufferFromHostBuffer", "DeviceDescription_Id", "DeviceDescription_ProcessIndex"],
  ...["DeviceDescription_Attributes", "DeviceDescription_Kind", "DeviceDescription_DebugString"],
  ...["DeviceDescription_ToString", "Device_GetDescription", "Device_IsAddressable"],
  ...["Device_LocalHardwareId", "Device_AddressableMemories", "Device_DefaultMemory"],
  ...["Device_MemoryStats", "Memory_Id", "Memory_Kind", "Memory_DebugString", "Memory_ToString"],
  ...["Memory_AddressableByDevices", "Executable_Destroy", "Executable_Name"],
  ...["Executable_NumReplicas", "Executable_NumPartitions", "Executable_NumOutputs"],
  ...["Executable_SizeOfGeneratedCodeInBytes", "Executable_GetCostAnalysis"],
  ...["Executable_OutputMemoryKinds", "Executable_OptimizedProgram", "Executable_Serialize"],
  ...["LoadedExecutable_Destroy", "LoadedExecutable_GetExecutable"],
  ...["LoadedExecutable_AddressableDevices", "LoadedExecutable_Delete"],
  ...["LoadedExecutable_IsDeleted", "LoadedExecutable_Execute", "Executable_DeserializeAndLoad"],
  ...["LoadedExecutable_Fingerprint", "Buffer_Destroy", "Buffer_ElementType"],
  ...["Buffer_Dimensions", "Buffer_UnpaddedDimensions", "Buffer_DynamicDimensionIndices"],
  ...["Buffer_GetMemoryLayout", "Buffer_OnDeviceSizeInBytes", "Buffer_Device", "Buffer_Memory"],
  ...["Buffer_Delete", "Buffer_IsDeleted", "Buffer_CopyToDevice", "Buffer_ToHostBuffer"],
] as const;

/** Name of a function. */
export type ApiFunction = typeof FUNCTIONS[number];

/** Bytes of the struct before its function pointers: size, extension, version (three slots). */
const HEADER = 40;

/** The oldest minor version that has been tried; the major one is always 0. */
const OLDEST_MINOR = 106;

/** What a plugin refused or failed at, with its code (those of Google's RPC). */
export class PluginError extends Error {
  override name = "PluginError";
  constructor(message: string, readonly code: number) {
    super(message);
  }
  /** There is no memory left. */
  get isMemory(): boolean {
    return this.code === 8 || /RESOURCE_EXHAUSTED|out of memory/i.test(this.message);
  }
  /** The plugin has no such function. */
  get isMissing(): boolean {
    return this.code === 12;
  }
}

/** What a struct holds behind its size and extension; numbers and pointers alike. */
export type Slot = bigint | number;

/** A plugin's functions. Results stand in the slots that a function fills in. */
export interface Api {
  /** Minor version of the interface. */
  readonly minor: number;
  /** Calls a function with a struct of slots, of which the filled-in ones are returned. */
  call(name: ApiFunction, slots: readonly Slot[]): BigUint64Array;
  /** The same in another thread. What slots point to must be kept until it is done. */
  callAside(name: ApiFunction, slots: readonly Slot[]): Promise<BigUint64Array>;
}

const TYPE = { parameters: ["buffer"], result: "pointer" } as const;
const ASIDE = { ...TYPE, nonblocking: true } as const;

/**
 * Loads a plugin's library.
 *
 * @throws {Error} if it is no library, has no PJRT, or an older one than has been tried.
 */
export function loadApi(path: string): Api {
  let table: Deno.PointerObject | null;
  try {
    const library = Deno.dlopen(path, { GetPjrtApi: { parameters: [], result: "pointer" } });
    table = library.symbols.GetPjrtApi();
  } catch (cause) {
    throw new Error(
      `Cannot open the device: ${path} must be a PJRT plugin that this machine can load, got ` +
        `"${cause instanceof Error ? cause.message : cause}".`,
      { cause },
    );
  }
  if (!table) throw new Error(`Cannot open the device: ${path} gave no PJRT functions.`);
  const pointers = new Deno.UnsafePointerView(table);
  const minor = pointers.getInt32(36);
  if (minor < OLDEST_MINOR) {
    throw new Error(
      `Cannot open the device: the PJRT of ${path} must be 0.${OLDEST_MINOR} or newer, got ` +
        `0.${minor}. Install a newer plugin: deno task setup --gpu.`,
    );
  }
  const pointerOf = (name: ApiFunction) =>
    // deno-lint-ignore no-explicit-any
    pointers.getPointer(HEADER + 8 * FUNCTIONS.indexOf(name))! as any;
  const now = remembered((name: ApiFunction) => {
    const fn = new Deno.UnsafeFnPointer(pointerOf(name), TYPE);
    return (slots: BufferSource) => fn.call(slots);
  });
  const aside = remembered((name: ApiFunction) => {
    const fn = new Deno.UnsafeFnPointer(pointerOf(name), ASIDE);
    return (slots: BufferSource) => fn.call(slots);
  });

  /** Throws what a function returned instead of null. */
  function check(name: ApiFunction, error: Deno.PointerValue): void {
    if (error === null) return;
    const pointer = Deno.UnsafePointer.value(error);
    const message = struct([pointer, 0, 0]);
    now("Error_Message")(message);
    const code = struct([pointer, 0]);
    const failed = now("Error_GetCode")(code);
    const text = textAt(message[3]!, message[4]!);
    now("Error_Destroy")(struct([pointer]));
    throw new PluginError(`${name}: ${text}`, failed === null ? Number(code[3]! & 0xffn) : 2);
  }

  const api: Api = {
    minor,
    call(name, slots) {
      const args = struct(slots);
      check(name, now(name)(args));
      return args.subarray(2);
    },
    async callAside(name, slots) {
      const args = struct(slots);
      check(name, await aside(name)(args));
      return args.subarray(2);
    },
  };
  api.call("Plugin_Initialize", []);
  return api;
}

/** A function of a name that is made once for each. */
function remembered<Made>(make: (name: ApiFunction) => Made): (name: ApiFunction) => Made {
  const known = new Map<ApiFunction, Made>();
  return (name) => {
    const own = known.get(name) ?? make(name);
    known.set(name, own);
    return own;
  };
}

/** Slots of zeros behind each struct: a plugin takes one that is longer than its own, not shorter. */
const SPARE = 8;

/** A struct: its size, no extension, its slots. */
export function struct(slots: readonly Slot[]): BigUint64Array<ArrayBuffer> {
  const values = [8 * (2 + slots.length + SPARE), 0, ...slots, ...new Array(SPARE).fill(0)];
  return BigUint64Array.from(values, (value) => BigInt.asUintN(64, BigInt(value)));
}

/** Where an array lies; 0 for an empty one. It must be kept while the address is in use. */
export function addressOf(array: BufferSource): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(array as Uint8Array<ArrayBuffer>));
}

/** A copy of some bytes at an address. */
export function bytesAt(address: bigint, length: bigint): Uint8Array {
  const view = new Deno.UnsafePointerView(Deno.UnsafePointer.create(address)!);
  return new Uint8Array(view.getArrayBuffer(Number(length))).slice();
}

/** A text at an address. */
export function textAt(address: bigint, length: bigint): string {
  return length === 0n ? "" : new TextDecoder().decode(bytesAt(address, length));
}
