/*
 * Attaches a copy of a mount in which the owners of files are mapped, as a container in a user namespace needs it.
 *
 * It is a program of its own because a user namespace can only be made by a process with a single thread.
 */
#ifndef RXSHIM_IDMAP_H
#define RXSHIM_IDMAP_H

#include <stdbool.h>

struct idmap {
  /* Ranges `CONTAINER:HOST:SIZE`, separated by commas. */
  const char *uids, *gids;
  /* What is mounted at or below `source` appears at `target`. */
  const char *source, *target;
  bool recursive, read_only;
};

/* Answers 0, or the number of the failure. */
int mount_idmapped(const struct idmap *wanted);

#endif
