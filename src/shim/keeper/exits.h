/*
 * The children of the keeper, and how they ended: reaped at once, and kept until the brain has confirmed it.
 *
 * Exits are numbered in the order in which they were seen. A pid may be in use again while the exit of its earlier owner is
 * not confirmed: the number tells the two apart.
 */
#ifndef RXSHIM_EXITS_H
#define RXSHIM_EXITS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct exited {
  uint64_t number;
  pid_t pid;
  int status;
  /* Of the wall clock, in nanoseconds. */
  uint64_t at;
  /* The keeper has published it in place of the brain. */
  bool published;
};

void exits_open(void);
/* The number of the latest exit. */
uint64_t exits_latest(void);
/* A process was started under a tag, which the next brain gets as long as its exit is not confirmed. */
void exits_spawned(pid_t pid, const char *tag);
/* Whether it is a child that was not reaped. */
bool exits_is_child(pid_t pid);
void exits_confirm(uint64_t number);
/* Sends all that is known to a new brain. */
void exits_tell(void);
/* The latest exit of a pid since the exit `after`; NULL for none. */
struct exited *exits_find(pid_t pid, uint64_t after);

#endif
