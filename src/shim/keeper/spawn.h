/*
 * Starts a child for the brain: a runtime, mostly. Its exit is the keeper's to see.
 */
#ifndef RXSHIM_SPAWN_H
#define RXSHIM_SPAWN_H

#include "commands.h"
#include "wire.h"

/*
 * Reads: tag, folder, file, umask (0xffffffff for the keeper's), flags (1: a session of its own), soft limit of file locks
 * (0 for the keeper's), arguments, environment (both as a count and strings), and which of its stdio are attached, as bits;
 * the others are /dev/null. Writes its pid and the number of the latest exit before it. Answers an errno.
 */
int spawn_child(struct reader *reader, struct attached *attached, struct writer *writer);

#endif
