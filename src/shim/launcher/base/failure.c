#include "failure.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *begun_socket;
static pid_t begun_process;
static int reporter = -1;

void undo_socket(const char *path) { begun_socket = path; }

void undo_process(pid_t pid) { begun_process = pid; }

void report_failures_to(int descriptor) { reporter = descriptor; }

static void undo(void) {
  if (begun_process > 0) {
    kill(begun_process, SIGKILL);
    waitpid(begun_process, NULL, 0);
  }
  if (begun_socket != NULL) unlink(begun_socket);
}

_Noreturn void fail(const char *pattern, ...) {
  va_list values;
  va_start(values, pattern);
  if (reporter >= 0) {
    vdprintf(reporter, pattern, values);
    _exit(1);
  }
  undo();
  fputs("rxshim: ", stderr);
  vfprintf(stderr, pattern, values);
  fputc('\n', stderr);
  exit(1);
}
