#include "group.h"

#include <errno.h>
#include <string.h>

#include "../base/failure.h"
#include "../base/files.h"
#include "../formats/json.h"
#include "../formats/sha256.h"

struct text group_of(const char *bundle, const char *id) {
  static const char *const names[] = {"io.containerd.runc.v2.group", "io.kubernetes.cri.sandbox-id", NULL};
  const char *path = format("%s/config.json", bundle);
  struct text config, values[2];
  if (!read_file(path, (size_t)1 << 30, &config)) {
    /* A sandbox of containerd 2 may have none. */
    if (errno == ENOENT) return text_of(id);
    fail("cannot read %s: %s", path, strerror(errno));
  }
  if (!read_annotations(config, names, values)) fail("%s is not a JSON object", path);
  for (size_t at = 0; at < 2; at++)
    if (values[at].length > 0) return values[at];
  return text_of(id);
}

/* Takes the last element off a path that is being built, if it may be taken. */
static size_t without_last(const char *path, size_t length, bool rooted) {
  const char *slash = length == 0 ? NULL : memrchr(path, '/', length);
  const size_t start = slash == NULL ? 0 : (size_t)(slash + 1 - path);
  if (length == start || (length - start == 2 && memcmp(path + start, "..", 2) == 0)) return length;
  if (slash == NULL) return 0;
  return start == 1 && rooted ? 1 : start - 1;
}

/* The shortest path that means the same, by its words alone, as path.Clean of Go. */
static struct text cleaned(struct text path) {
  char *clean = allocate(path.length + 1);
  const bool rooted = path.length > 0 && path.at[0] == '/';
  size_t length = 0;
  if (rooted) clean[length++] = '/';
  for (size_t at = 0; at < path.length;) {
    const char *element = path.at + at;
    const char *slash = memchr(element, '/', path.length - at);
    const size_t size = slash == NULL ? path.length - at : (size_t)(slash - element);
    at += size + 1;
    if (size == 0 || (size == 1 && element[0] == '.')) continue;
    if (size == 2 && memcmp(element, "..", 2) == 0) {
      const size_t shorter = without_last(clean, length, rooted);
      if (shorter != length || rooted) {
        length = shorter;
        continue;
      }
    }
    if (length > 0 && clean[length - 1] != '/') clean[length++] = '/';
    memcpy(clean + length, element, size);
    length += size;
  }
  if (length == 0) clean[length++] = '.';
  return (struct text){clean, length};
}

/* As path.Join of Go: empty elements do not count. */
static struct text joined(const struct text *elements, size_t count) {
  size_t room = count, length = 0;
  for (size_t at = 0; at < count; at++) room += elements[at].length;
  char *path = allocate(room);
  for (size_t at = 0; at < count; at++) {
    if (elements[at].length == 0) continue;
    if (length > 0) path[length++] = '/';
    memcpy(path + length, elements[at].at, elements[at].length);
    length += elements[at].length;
  }
  return length == 0 ? (struct text){path, 0} : cleaned((struct text){path, length});
}

char *socket_path(const char *folder, const char *address, const char *namespace, struct text group) {
  const struct text elements[] = {text_of(address), text_of(namespace), group};
  char digest[65];
  sha256(joined(elements, 3), digest);
  return format("%s/%s", folder, digest);
}
