/*
 * The mover: moves the bytes of stdio between descriptors of its own, by splice(2), whether or not there is a brain.
 *
 * A stream that has ended is kept until the brain detaches it, so that a new brain learns how it ended.
 */
#ifndef RXSHIM_MOVES_H
#define RXSHIM_MOVES_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

/* Takes the descriptors over. Answers an errno: EINVAL where splice cannot do it. */
int moves_attach(const char *name, int from, int to);
void moves_detach(const char *name);
/* The brain gets an event when all that has arrived at the source by now has left it. */
int moves_settle(const char *name);
/* Nothing waits for the stream any longer: it ends with what is owed now, or with the source, or when its target has taken
 * nothing for `stall` milliseconds. */
int moves_finish(const char *name, bool all, uint32_t stall);
int moves_report(const char *name, struct writer *writer);
void moves_names(const char *prefix, struct writer *writer);
/* Sends the names of all streams to a new brain. */
void moves_tell(void);

#endif
