/* Which containers share a daemon, and where that daemon listens. */
#ifndef RXSHIM_GROUP_H
#define RXSHIM_GROUP_H

#include "../base/text.h"

/* The group that config.json in the bundle names, a pod most of all; the container's own id where it names none. */
struct text group_of(const char *bundle, const char *id);

/* FOLDER/hash of the address of containerd, the namespace and the group. An empty group is the whole namespace. */
char *socket_path(const char *folder, const char *address, const char *namespace, struct text group);

#endif
