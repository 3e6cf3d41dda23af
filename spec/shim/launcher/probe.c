/*
 * Puts many inputs before the readers of the launcher, for a spec that knows what they should say.
 *
 * Its stdin is a row of inputs, each with its length in four bytes before it (little-endian). For each it prints a line: with
 * `json` the two annotations in hexadecimal digits, with `options` the cgroup and the folder for sockets, or a bare `-` for
 * what cannot be read. Every input is copied to memory of just its size, so that a sanitizer sees a step beyond it.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../../../src/shim/launcher/base/failure.h"
#include "../../../src/shim/launcher/base/files.h"
#include "../../../src/shim/launcher/formats/json.h"
#include "../../../src/shim/launcher/request/options.h"

static void print_text(struct text text) {
  for (size_t at = 0; at < text.length; at++) printf("%02x", (unsigned char)text.at[at]);
}

static void print_pair(bool read, struct text first, struct text second) {
  if (!read) {
    puts("-");
    return;
  }
  print_text(first);
  putchar(' ');
  print_text(second);
  putchar('\n');
}

static void probe_json(struct text input) {
  static const char *const names[] = {"io.containerd.runc.v2.group", "io.kubernetes.cri.sandbox-id", NULL};
  struct text values[2];
  const bool read = read_annotations(input, names, values);
  print_pair(read, values[0], values[1]);
}

static void probe_options(struct text input) {
  struct options options;
  const bool read = read_options(input, text_of("id"), text_of("namespace"), &options);
  print_pair(read, options.shim_cgroup, options.socket_dir);
}

int main(int count, char **words) {
  struct text all;
  if (count != 2 || !read_all(0, (size_t)1 << 30, &all)) fail("usage: probe json|options");
  while (all.length >= 4) {
    uint32_t length;
    memcpy(&length, all.at, 4);
    if (length > all.length - 4) fail("cut off");
    char *copy = allocate(length);
    memcpy(copy, all.at + 4, length);
    const struct text input = {copy, length};
    if (strcmp(words[1], "json") == 0) probe_json(input);
    else probe_options(input);
    all.at += 4 + length;
    all.length -= 4 + length;
  }
  return 0;
}
