/*
 * The arguments with which containerd calls a shim: flags in the style of Go, then the action.
 *
 * A flag has one dash or two, and its value as the next word or after an equals sign. Flags that are not known are passed
 * over, so that a newer containerd can say more.
 */
#ifndef RXSHIM_ARGUMENTS_H
#define RXSHIM_ARGUMENTS_H

#include <stdbool.h>

struct arguments {
  /* Empty for none. */
  const char *action;
  /* NULL where not given. */
  const char *namespace, *address, *publish_binary, *id, *bundle;
  bool debug;
};

struct arguments read_arguments(int count, char **words);

#endif
