// A PJRT plugin that is another one (SHIM_PLUGIN) until it is to fail: from the SHIM_FAIL-th run of a
// program on, every run gives an error of code SHIM_CODE with the text SHIM_TEXT; from the
// SHIM_WAIT-th wait for an event on, every wait does, as where a device fails while it works. With
// SHIM_MINOR it says that it is of another version.

#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 5, FUNCTIONS = 512, ERROR_DESTROY = 0, ERROR_MESSAGE = 1, ERROR_CODE = 2, AWAIT = 8, EXECUTE = 55 };

typedef void *(*Function)(uint64_t *);

static void *table[HEADER + FUNCTIONS];
static Function destroy, message, code, await, execute;
static int failure;
static long runs, waits;

static long number(const char *name) {
  const char *text = getenv(name);
  return text ? atol(text) : 0;
}

static void *own_destroy(uint64_t *args) {
  return args[2] == (uint64_t)&failure ? 0 : destroy(args);
}

static void *own_message(uint64_t *args) {
  if (args[2] != (uint64_t)&failure) return message(args);
  const char *text = getenv("SHIM_TEXT");
  args[3] = (uint64_t)text;
  args[4] = strlen(text);
  return 0;
}

static void *own_code(uint64_t *args) {
  if (args[2] != (uint64_t)&failure) return code(args);
  *(int *)&args[3] = (int)number("SHIM_CODE");
  return 0;
}

static void *own_execute(uint64_t *args) {
  long fail = number("SHIM_FAIL");
  if (fail > 0 && ++runs >= fail) return &failure;
  return execute(args);
}

static void *own_await(uint64_t *args) {
  long fail = number("SHIM_WAIT");
  if (fail > 0 && ++waits >= fail) return &failure;
  return await(args);
}

const void *GetPjrtApi(void) {
  void *plugin = dlopen(getenv("SHIM_PLUGIN"), RTLD_NOW | RTLD_LOCAL);
  const void **(*get)(void) = (const void **(*)(void))dlsym(plugin, "GetPjrtApi");
  const void **api = get();
  uint64_t size = *(const uint64_t *)api;
  memcpy(table, api, size < sizeof table ? size : sizeof table);
  if (getenv("SHIM_MINOR")) ((int *)table)[9] = (int)number("SHIM_MINOR");
  void **functions = table + HEADER;
  destroy = (Function)functions[ERROR_DESTROY];
  message = (Function)functions[ERROR_MESSAGE];
  code = (Function)functions[ERROR_CODE];
  await = (Function)functions[AWAIT];
  execute = (Function)functions[EXECUTE];
  functions[ERROR_DESTROY] = (void *)own_destroy;
  functions[ERROR_MESSAGE] = (void *)own_message;
  functions[ERROR_CODE] = (void *)own_code;
  functions[AWAIT] = (void *)own_await;
  functions[EXECUTE] = (void *)own_execute;
  return table;
}
