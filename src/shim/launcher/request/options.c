#include "options.h"

#include <string.h>

#include "../formats/protobuf.h"

static bool same(struct text a, struct text b) {
  return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

/* The last field of that number, as protobuf has it; empty when there is none. False for what is no message. */
static bool find_bytes(struct text message, uint32_t number, struct text *found) {
  struct field field;
  bool broken = false;
  *found = (struct text){"", 0};
  while (next_field(&message, &field, &broken))
    if (field.number == number && field.type == protobuf_bytes) *found = field.bytes;
  return !broken;
}

static bool read_any(struct text any, struct options *options) {
  struct text url, value;
  if (!find_bytes(any, 1, &url) || !find_bytes(any, 2, &value)) return false;
  /* typeurl since containerd 1.7 accepts a name with a prefix. */
  const char *slash = memrchr(url.at, '/', url.length);
  const struct text name =
      slash == NULL ? url : (struct text){slash + 1, url.length - (size_t)(slash + 1 - url.at)};
  if (text_is(name, "containerd.runc.v1.Options")) return find_bytes(value, 3, &options->shim_cgroup);
  if (text_is(name, "containerd.linux.runc.CreateOptions"))
    return find_bytes(value, 9, &options->shim_cgroup);
  return true;
}

static bool read_extensions(struct text params, struct options *options) {
  struct field field;
  bool broken = false;
  while (next_field(&params, &field, &broken)) {
    struct text any;
    if (field.number != 8 || field.type != protobuf_bytes) continue;
    if (!find_bytes(field.bytes, 1, &any) || !read_any(any, options)) return false;
  }
  return !broken;
}

bool read_options(struct text input, struct text id, struct text namespace, struct options *options) {
  struct text first, second;
  *options = (struct options){{"", 0}, {"", 0}, false};
  if (!find_bytes(input, 1, &first) || !find_bytes(input, 2, &second)) return false;
  if (same(first, id) && same(second, namespace)) {
    options->bootstrap = true;
    return find_bytes(input, 9, &options->socket_dir) && read_extensions(input, options);
  }
  return read_any(input, options);
}
