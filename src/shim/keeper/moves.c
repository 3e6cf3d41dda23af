#include "moves.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "brain.h"
#include "loop.h"

enum { most_moves = 16384, at_once = 1 << 20, busy_after = 256 * 1024, busy_pipe = 1 << 20 };

/* As a brain reads them. */
enum { moved_ended = 1, moved_settled = 2 };
enum { side_source = 0, side_target = 1 };

struct move {
  struct move *next;
  struct watch from, to;
  struct timer stall;
  uint64_t moved, owed, seen;
  int error;
  uint32_t patience;
  uint8_t side;
  bool settling, ended, finishing, all, grown, terminal, null;
  char name[];
};

static struct move *moves;
static unsigned count;

static struct move *find(const char *name) {
  struct move *move = moves;
  while (move != NULL && strcmp(move->name, name) != 0) move = move->next;
  return move;
}

static void close_ends(struct move *move) {
  struct watch *const ends[] = {&move->from, &move->to};
  for (int at = 0; at < 2; at++) {
    if (ends[at]->descriptor < 0) continue;
    loop_forget(ends[at]);
    close(ends[at]->descriptor);
    ends[at]->descriptor = -1;
  }
  loop_cancel(&move->stall);
}

static void forget(struct move *move) {
  for (struct move **place = &moves; *place != NULL; place = &(*place)->next) {
    if (*place != move) continue;
    *place = move->next;
    break;
  }
  close_ends(move);
  free(move);
  count--;
}

static void put_report(const struct move *move, struct writer *writer) {
  write_u64(writer, move->moved);
  write_u8(writer, move->side);
  write_u8(writer, move->ended);
  write_u32(writer, (uint32_t)move->error);
}

static void tell(const struct move *move, uint8_t what) {
  uint8_t bytes[name_largest + 64];
  struct writer writer = {.at = bytes, .left = sizeof bytes};
  write_u8(&writer, what);
  put_report(move, &writer);
  write_string(&writer, move->name);
  brain_send(to_brain_moved, 0, bytes, sizeof bytes - writer.left);
}

static void end(struct move *move, uint8_t side, int error) {
  if (move->finishing) return forget(move);
  close_ends(move);
  move->ended = true;
  move->side = side;
  move->error = error;
  tell(move, moved_ended);
}

/* False when the stream is over. */
static bool settled(struct move *move) {
  if (!move->settling || move->moved < move->owed) return true;
  move->settling = false;
  if (!move->finishing) tell(move, moved_settled);
  else if (!move->all) return forget(move), false;
  return true;
}

static void grow(struct move *move) {
  if (move->grown || move->moved < busy_after) return;
  move->grown = true;
  /* Refused beyond the limits of the user: then it goes on as it is. */
  fcntl(move->from.descriptor, F_SETPIPE_SZ, busy_pipe);
  fcntl(move->to.descriptor, F_SETPIPE_SZ, busy_pipe);
}

static bool wait_for_end(struct watch *watch, struct watch *other, uint32_t events) {
  loop_watch(other, 0);
  return loop_watch(watch, events);
}

/* The kernel says "not now" for an empty pipe and for a full one alike. */
static void wait_for_either(struct move *move) {
  struct pollfd polled[] = {{.fd = move->from.descriptor, .events = POLLIN},
                            {.fd = move->to.descriptor, .events = POLLOUT}};
  poll(polled, 2, 0);
  const bool readable = polled[0].revents != 0;
  move->side = readable ? side_target : side_source;
  const bool waits = readable ? wait_for_end(&move->to, &move->from, EPOLLOUT)
                              : wait_for_end(&move->from, &move->to, EPOLLIN);
  if (!waits) end(move, move->side, errno);
}

/* One piece at a time: other streams and calls have their turn in between. */
static void step(struct move *move) {
  const ssize_t length = splice(move->from.descriptor, NULL, move->to.descriptor, NULL, at_once,
                                SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (length < 0 && (errno == EAGAIN || errno == EINTR)) return wait_for_either(move);
  /* A terminal says so when the last process that had it open is gone. */
  if (length == 0 || (length < 0 && errno == EIO && move->terminal)) return end(move, side_source, 0);
  if (length < 0) return end(move, errno == EPIPE ? side_target : side_source, errno);
  move->moved += (uint64_t)length;
  grow(move);
  if (settled(move)) wait_for_either(move);
}

static void from_ready(struct watch *watch, uint32_t events) {
  (void)events;
  step(container_of(watch, struct move, from));
}

static void to_ready(struct watch *watch, uint32_t events) {
  (void)events;
  step(container_of(watch, struct move, to));
}

static void stalled(struct timer *timer) {
  struct move *move = container_of(timer, struct move, stall);
  if (move->moved == move->seen && move->side == side_target) return forget(move);
  move->seen = move->moved;
  loop_after(timer, move->patience);
}

static bool is_null(const struct stat *status) {
  return S_ISCHR(status->st_mode) && status->st_rdev == makedev(1, 3);
}

static bool can_splice(struct move *move, int from, int to) {
  struct stat source, target;
  if (fstat(from, &source) != 0 || fstat(to, &target) != 0) return false;
  move->terminal = S_ISCHR(source.st_mode) && isatty(from);
  move->null = is_null(&target);
  if (!S_ISFIFO(source.st_mode) && !move->terminal) return false;
  if (move->null) return true;
  return S_ISFIFO(target.st_mode) && (source.st_ino != target.st_ino || source.st_dev != target.st_dev);
}

int moves_attach(const char *name, int from, int to) {
  int why = 0;
  struct move *move = NULL;
  if (name[0] == '\0' || strlen(name) > name_largest || from < 0 || to < 0) why = EINVAL;
  else if (find(name) != NULL) why = EEXIST;
  else if (count == most_moves) why = ENOSPC;
  else if ((move = calloc(1, sizeof *move + strlen(name) + 1)) == NULL) why = ENOMEM;
  else if (!can_splice(move, from, to)) why = EINVAL;
  if (why == 0) {
    move->from = (struct watch){.descriptor = from, .ready = from_ready};
    move->to = (struct watch){.descriptor = to, .ready = to_ready};
    move->stall.fire = stalled;
    strcpy(move->name, name);
    /* Of a FIFO without a writer splice says "end" until the first one comes; waiting tells the two apart. */
    if (!loop_watch(&move->from, EPOLLIN)) why = errno;
  }
  if (why != 0) {
    free(move);
    if (from >= 0) close(from);
    if (to >= 0) close(to);
    return why;
  }
  move->next = moves;
  moves = move;
  count++;
  return 0;
}

void moves_detach(const char *name) {
  struct move *move = find(name);
  if (move != NULL) forget(move);
}

static void owe(struct move *move) {
  int waiting = 0;
  ioctl(move->from.descriptor, FIONREAD, &waiting);
  move->owed = move->moved + (uint64_t)waiting;
  move->settling = true;
}

int moves_settle(const char *name) {
  struct move *move = find(name);
  if (move == NULL || move->ended) return ENOENT;
  owe(move);
  settled(move);
  return 0;
}

int moves_finish(const char *name, bool all, uint32_t stall) {
  struct move *move = find(name);
  if (move == NULL) return ENOENT;
  if (move->ended) return forget(move), 0;
  move->finishing = true;
  move->all = all;
  move->patience = stall;
  move->seen = move->moved;
  loop_after(&move->stall, stall);
  if (all) return 0;
  owe(move);
  settled(move);
  return 0;
}

int moves_report(const char *name, struct writer *writer) {
  const struct move *move = find(name);
  if (move == NULL) return ENOENT;
  put_report(move, writer);
  return 0;
}

void moves_names(const char *prefix, struct writer *writer) {
  const size_t length = strlen(prefix);
  for (const struct move *move = moves; move != NULL; move = move->next)
    if (strncmp(move->name, prefix, length) == 0) write_string(writer, move->name);
}

void moves_tell(void) {
  for (const struct move *move = moves; move != NULL; move = move->next)
    if (!move->finishing) tell(move, move->ended ? moved_ended : 0);
}
