/*
 * The daemon's process, from the fork to the moment when node runs in it.
 *
 * It has nothing of containerd's but the environment: a session of its own, standard streams that end nowhere or in the log
 * of the bundle, the listening socket as descriptor 3, and no other descriptor. What fails on the way to node, node's own
 * start among it, is a failure of the launcher.
 */
#ifndef RXSHIM_DAEMON_H
#define RXSHIM_DAEMON_H

#include "../request/arguments.h"
#include "../request/settings.h"

struct daemon {
  const struct arguments *arguments;
  const struct settings *settings;
  const char *bundle, *socket_path;
  int listener;
  /* Empty for none. */
  const char *cgroup;
};

/* Comes back when node runs. */
void start_daemon(const struct daemon *daemon);

/* The variables of containerd that are not for node. */
void clean_environment(void);

#endif
