/*
 * Answers that the brain has left for the time when no brain can be started: ready-encoded, with places for a status and a
 * time, so that nothing here knows the Task service's messages.
 */
#ifndef RXSHIM_DEPOSITS_H
#define RXSHIM_DEPOSITS_H

#include <stdbool.h>

#include "wire.h"

/* What a deposit is good for. */
enum {
  /* An answer, at any time. */
  deposit_answer = 1,
  /* An answer once the process has ended, with its status and time. */
  deposit_exit_answer = 2,
  /* A request to containerd's events, published once when the process has ended. */
  deposit_exit_event = 3,
  /* The process may be signalled; the answer is empty. */
  deposit_signal = 4,
};

/* Where events go: the path of containerd's socket. */
void deposits_publish_to(const char *path);
/* Replaces the deposit of the same kind, method and ids. False for one that cannot be. */
bool deposit(struct reader *reader);
/* Forgets all deposits of a container, or of one exec of it. */
void withdraw(struct reader *reader);
/* No brain can be started: answers what can be answered, and publishes the ends. */
void deposits_take_over(void);
void deposits_exits_changed(void);

#endif
