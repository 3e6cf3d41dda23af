#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { source, target, notices, commands, memory };

/*
 * A piece stays in the processor's cache from the writer to the file, while the writer fills the rest of the pipe: a larger
 * pipe costs more time, one of 64 KiB lets the writer wait. Only for lines it is made larger, so that they can gather.
 */
/* `piece` is PIECE of the mover. */
enum { piece = 128 * 1024, small = 16 * 1024, streak_of_small = 4, room_for_lines = 1024 * 1024 };

/* Read by the daemon at any time. */
struct progress {
  volatile uint64_t moved, writing;
};

/* Written at once: shorter than PIPE_BUF. */
struct notice {
  uint32_t type;
  int32_t failure;
  /* Of the last piece, how much was not written. */
  uint64_t dropped;
  /* Whether the last byte that was written ended a line; 2 when none was. */
  uint64_t line_ended;
};

enum notice_type { settled = 1, ended, idle, stopped, unreadable, unwritable };

static struct progress *progress;
static uint64_t due = UINT64_MAX;
static uint64_t line_ended = 2;

static void notify(enum notice_type type, int failure, uint64_t dropped) {
  const struct notice notice = {type, failure, dropped, line_ended};
  (void)!write(notices, &notice, sizeof notice);
}

static void settle_if_due(void) {
  if (progress->moved < due) return;
  due = UINT64_MAX;
  notify(settled, 0, 0);
}

/* Waits for commands, and for the pipe if `for_source`. 0 when nothing came, -1 when the copy is to stop. */
static int wait_for(bool for_source, int milliseconds) {
  struct pollfd polled[] = {{commands, POLLIN, 0}, {source, POLLIN, 0}};
  const int ready = poll(polled, for_source ? 2 : 1, milliseconds);
  if (ready < 0) return errno == EINTR ? 1 : -1;
  if (polled[0].revents != 0) {
    char command;
    if (read(commands, &command, 1) != 1) return -1;
    int arrived = 0;
    if (ioctl(source, FIONREAD, &arrived) != 0) arrived = 0;
    due = progress->moved + (uint64_t)arrived;
    settle_if_due();
  }
  return ready;
}

/* Answers 0, or the number of the failure, and what is missing then. */
static int write_piece(const char *bytes, size_t length, uint64_t *missing) {
  size_t written = 0;
  progress->writing = 1;
  int failure = 0;
  while (written < length && failure == 0) {
    const ssize_t count = write(target, bytes + written, length - written);
    if (count > 0) written += (size_t)count;
    else if (count == 0) failure = EIO;
    else if (errno != EINTR) failure = errno;
  }
  progress->writing = 0;
  if (written > 0) line_ended = bytes[written - 1] == '\n';
  *missing = length - written;
  return failure;
}

int copy_to_file(int idle_milliseconds) {
  /* A daemon that is gone is the end of `commands`. */
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_NAME, "rxshim-copy");
  progress = mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  char *bytes = mmap(NULL, piece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (progress == MAP_FAILED || bytes == MAP_FAILED) return 1;

  fcntl(source, F_SETPIPE_SZ, piece);
  bool gather = false;
  for (int streak = 0;;) {
    if (wait_for(false, 0) < 0) return notify(stopped, 0, 0), 0;
    const ssize_t length = read(source, bytes, piece);
    if (length > 0) {
      uint64_t dropped = 0;
      const int failure = write_piece(bytes, (size_t)length, &dropped);
      progress->moved += (uint64_t)length;
      settle_if_due();
      if (failure != 0) return notify(unwritable, failure, dropped), 0;
      /* Lines that come faster than they are moved gather for a millisecond. */
      if (length >= small || ++streak <= streak_of_small) continue;
      if (streak == streak_of_small + 1) gather = fcntl(source, F_SETPIPE_SZ, room_for_lines) >= 0;
      if (gather && wait_for(false, 1) < 0) return notify(stopped, 0, 0), 0;
      continue;
    }
    if (length == 0) return notify(ended, 0, 0), 0;
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return notify(unreadable, errno, 0), 0;
    streak = 0;
    const int ready = wait_for(true, idle_milliseconds);
    if (ready < 0) return notify(stopped, 0, 0), 0;
    if (ready == 0) return notify(idle, 0, 0), 0;
  }
}
