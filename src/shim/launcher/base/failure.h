/*
 * The end of a launcher that cannot do what it was asked: one line on stderr, which containerd shows to its user, and
 * exit code 1. Whatever was begun is undone first, so that nothing is left behind.
 */
#ifndef RXSHIM_FAILURE_H
#define RXSHIM_FAILURE_H

#include <sys/types.h>

_Noreturn void fail(const char *pattern, ...) __attribute__((format(printf, 1, 2)));

/* The socket file to remove and the process to kill in case of a failure. */
void undo_socket(const char *path);
void undo_process(pid_t pid);

/* From here on this process only reports its failure to another one, through a pipe; undoing is for that one. */
void report_failures_to(int descriptor);

#endif
