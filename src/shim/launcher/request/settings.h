/*
 * How the installation is set up: where its files are, and what may be configured.
 *
 * The environment (RXSHIM_GROUPING, RXSHIM_LINGER, RXSHIM_NODE, RXSHIM_DRAIN, RXSHIM_KEEPER) goes before the file shim.conf beside the bundle, which
 * has the same names without the prefix: `grouping = namespace`. A value that makes no sense is a failure, not a default.
 */
#ifndef RXSHIM_SETTINGS_H
#define RXSHIM_SETTINGS_H

#include <stdbool.h>

struct settings {
  const char *node;
  /* What node runs. */
  const char *boot;
  /* One daemon for everything in a namespace, instead of one for each pod. */
  bool namespace_wide;
  /* A keeper holds the connections and the children, and node is its brain: see docs/keeper.md. */
  bool keeper;
  /* How long a daemon stays after its last container, in milliseconds. */
  unsigned long linger;
};

struct settings read_settings(void);

#endif
