#include "arguments.h"

#include <string.h>

#include "../base/failure.h"
#include "../base/text.h"

static bool is_one_of(struct text name, const char *const *names) {
  for (; *names != NULL; names++)
    if (text_is(name, *names)) return true;
  return false;
}

static const char **place_of(struct arguments *arguments, struct text name) {
  if (text_is(name, "namespace")) return &arguments->namespace;
  if (text_is(name, "address")) return &arguments->address;
  if (text_is(name, "publish-binary")) return &arguments->publish_binary;
  if (text_is(name, "id")) return &arguments->id;
  if (text_is(name, "bundle")) return &arguments->bundle;
  return NULL;
}

/* As Go's flag package reads a bool. */
static bool is_true(const char *value) {
  static const char *const yes[] = {"1", "t", "T", "true", "TRUE", "True", NULL};
  return is_one_of(text_of(value), yes);
}

struct arguments read_arguments(int count, char **words) {
  static const char *const switches[] = {"debug", "info", "v", "version", NULL};
  struct arguments arguments = {.action = ""};
  for (int at = 1; at < count; at++) {
    const char *word = words[at];
    if (word[0] != '-' || word[1] == '\0') {
      arguments.action = word;
      continue;
    }
    const char *start = word + (word[1] == '-' ? 2 : 1);
    const size_t length = strcspn(start, "=");
    const struct text name = {start, length};
    const bool with_value = start[length] == '=';
    if (is_one_of(name, switches)) {
      if (text_is(name, "debug")) arguments.debug = with_value ? is_true(start + length + 1) : true;
      continue;
    }
    const char **place = place_of(&arguments, name);
    const char *value;
    if (with_value) {
      value = start + length + 1;
    } else if (place != NULL) {
      if (at + 1 == count) fail("flag needs an argument: %s", word);
      value = words[++at];
    } else {
      /* Whether a flag that is not known has a value cannot be known either; the last word is never one. */
      if (at + 2 < count && words[at + 1][0] != '-') at++;
      continue;
    }
    if (place != NULL) *place = value;
  }
  return arguments;
}
