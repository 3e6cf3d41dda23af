/*
 * The stdin of `start`: nothing, the runtime's options in an Any, or, since containerd 2.3, BootstrapParams.
 *
 * Of the options only the shim's own cgroup concerns the launcher; the rest comes once more to the daemon, with Create.
 */
#ifndef RXSHIM_OPTIONS_H
#define RXSHIM_OPTIONS_H

#include <stdbool.h>

#include "../base/text.h"

struct options {
  /* Empty where not given. */
  struct text shim_cgroup, socket_dir;
  /* The caller sent BootstrapParams, so it understands BootstrapResult. */
  bool bootstrap;
};

/* False when it is no such message. BootstrapParams are distinguished from an Any by the container's id and namespace in it. */
bool read_options(struct text input, struct text id, struct text namespace, struct options *options);

#endif
