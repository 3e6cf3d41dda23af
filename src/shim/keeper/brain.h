/*
 * The brain: its process, the link to it, and what happens when it dies.
 *
 * A brain is started as soon as there is none: at once if the last one has restored its containers or answered a call, else
 * after a delay that doubles with each failure. After `give_up_after` failures in a row the keeper answers by itself with
 * what was deposited, and goes on trying.
 */
#ifndef RXSHIM_BRAIN_H
#define RXSHIM_BRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* `words` is the command line of the brain; it gets the link as descriptor 3 and the command channel as 4. */
void brain_start(char **words);
/* Never fails: a brain that does not read is killed. Dropped while there is none. */
void brain_send(uint8_t type, uint32_t client, const void *bytes, size_t length);
bool brain_is(pid_t pid);
/* What the keeper was signalled is for the brain to act on. */
void brain_signal(int signal);
/* Its process has ended and was reaped. */
void brain_ended(void);
/* True while it has been given up to start one. */
bool brain_given_up(void);
/* True from the moment when the brain said that it is leaving for good. */
bool brain_leaving(void);

#endif
