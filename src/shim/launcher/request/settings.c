#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/failure.h"
#include "../base/files.h"

/* Where a value came from, for who must mend it. */
struct setting {
  const char *value, *source;
};

/*
 * The prefix of the installation, which `shim install` writes behind the mark: a copy of the launcher elsewhere has no
 * files beside it. Not constant for the compiler.
 */
static volatile char recorded_prefix[4096] = "rxshim-prefix:";

static char *recorded_folder(void) {
  char *prefix = allocate(sizeof recorded_prefix);
  for (size_t at = 0; at < sizeof recorded_prefix; at++) prefix[at] = recorded_prefix[at];
  prefix[sizeof recorded_prefix - 1] = '\0';
  prefix += strlen("rxshim-prefix:");
  return prefix[0] == '\0' ? NULL : format("%s/lib/rxshim", prefix);
}

/* PREFIX/lib/rxshim, of a launcher that is PREFIX/bin/containerd-shim-rxshim-v1, however it was called. */
static char *folder_beside(void) {
  char path[4096];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (length < 0) fail("cannot read /proc/self/exe: %s", strerror(errno));
  path[length] = '\0';
  for (int up = 0; up < 2; up++) {
    char *slash = strrchr(path, '/');
    if (slash != NULL) *slash = '\0';
  }
  return format("%s/lib/rxshim", path);
}

static char *library_folder(void) {
  char *beside = folder_beside();
  if (access(format("%s/boot.cjs", beside), F_OK) == 0) return beside;
  char *recorded = recorded_folder();
  return recorded == NULL ? beside : recorded;
}

static struct text trimmed(struct text line) {
  while (line.length > 0 && strchr(" \t\r", line.at[0]) != NULL) line.at++, line.length--;
  while (line.length > 0 && strchr(" \t\r", line.at[line.length - 1]) != NULL) line.length--;
  return line;
}

static struct text take_line(struct text *file) {
  const char *end = file->length == 0 ? NULL : memchr(file->at, '\n', file->length);
  const struct text line = {file->at, end == NULL ? file->length : (size_t)(end - file->at)};
  const size_t taken = end == NULL ? line.length : line.length + 1;
  *file = (struct text){file->at + taken, file->length - taken};
  return line;
}

static void read_configuration(const char *path, struct setting *grouping, struct setting *linger,
                               struct setting *node, struct setting *keeper) {
  struct text file;
  if (!read_file(path, 64 * 1024, &file)) {
    if (errno == ENOENT) return;
    fail("cannot read %s: %s", path, strerror(errno));
  }
  while (file.length > 0) {
    const struct text line = trimmed(take_line(&file));
    if (line.length == 0 || line.at[0] == '#') continue;
    const char *equals = memchr(line.at, '=', line.length);
    if (equals == NULL) fail("%s: not a setting: %s", path, text_string(line));
    const struct text key = trimmed((struct text){line.at, (size_t)(equals - line.at)});
    const struct text value = trimmed((struct text){equals + 1, (size_t)(line.at + line.length - equals - 1)});
    const struct setting setting = {text_string(value), path};
    if (text_is(key, "grouping")) *grouping = setting;
    else if (text_is(key, "linger")) *linger = setting;
    else if (text_is(key, "node")) *node = setting;
    else if (text_is(key, "keeper")) *keeper = setting;
    /* The daemon reads it. The environment goes first. */
    else if (text_is(key, "drain")) setenv("RXSHIM_DRAIN", setting.value, 0);
    else fail("%s: no such setting: %s", path, text_string(key));
  }
}

static void read_environment(const char *name, struct setting *setting) {
  const char *value = getenv(name);
  if (value != NULL && value[0] != '\0') *setting = (struct setting){value, name};
}

/* Milliseconds in a duration: 60s, 1.5m, 500ms, 1h; a bare number is seconds. False for what is none. */
static bool read_duration(const char *text, unsigned long *milliseconds) {
  static const struct {
    const char *unit;
    double factor;
  } units[] = {{"ms", 1}, {"s", 1000}, {"", 1000}, {"m", 60000}, {"h", 3600000}};
  const double longest = 999999999;
  const size_t digits = strspn(text, "0123456789.");
  char *end;
  const double count = strtod(text, &end);
  if (digits == 0 || end != text + digits) return false;
  for (size_t at = 0; at < sizeof units / sizeof units[0]; at++) {
    if (strcmp(end, units[at].unit) != 0) continue;
    if (count * units[at].factor > longest) return false;
    *milliseconds = (unsigned long)(count * units[at].factor);
    return true;
  }
  return false;
}

static bool is_one(const char *value, const char *first, const char *second) {
  return strcmp(value, first) == 0 || strcmp(value, second) == 0;
}

struct settings read_settings(void) {
  const char *folder = library_folder();
  struct setting grouping = {"pod", "default"}, linger = {NULL, "default"}, node = {"node", "default"};
  struct setting keeper = {"false", "default"};
  struct settings settings = {.boot = format("%s/boot.cjs", folder)};
  read_configuration(format("%s/shim.conf", folder), &grouping, &linger, &node, &keeper);
  read_environment("RXSHIM_GROUPING", &grouping);
  read_environment("RXSHIM_LINGER", &linger);
  read_environment("RXSHIM_NODE", &node);
  read_environment("RXSHIM_KEEPER", &keeper);

  settings.namespace_wide = strcmp(grouping.value, "namespace") == 0;
  if (!settings.namespace_wide && strcmp(grouping.value, "pod") != 0)
    fail("%s: grouping must be pod or namespace, not \"%s\"", grouping.source, grouping.value);
  if (linger.value == NULL) linger.value = settings.namespace_wide ? "60s" : "0";
  if (!read_duration(linger.value, &settings.linger))
    fail("%s: linger must be a duration such as 60s, not \"%s\"", linger.source, linger.value);
  settings.keeper = is_one(keeper.value, "true", "1");
  if (!settings.keeper && !is_one(keeper.value, "false", "0"))
    fail("%s: keeper must be true or false, not \"%s\"", keeper.source, keeper.value);
  if (node.value[0] == '\0') fail("%s: node is empty", node.source);
  settings.node = node.value;
  if (access(settings.boot, R_OK) != 0)
    fail("its files are missing: %s: %s; npm run shim:install puts them there", settings.boot, strerror(errno));
  return settings;
}
