#include "exits.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../launcher/base/failure.h"
#include "brain.h"
#include "deposits.h"
#include "loop.h"
#include "wire.h"

/* Orphans that no brain has confirmed: the oldest are dropped beyond that. */
enum { most_exits = 16384, most_spawned = 4096 };

struct spawned {
  struct spawned *next;
  pid_t pid;
  uint64_t after;
  char tag[];
};

static struct watch signals = {.descriptor = -1};
static struct exited *exits;
static size_t count, room, spawned_count;
static uint64_t latest;
static struct spawned *all_spawned;

static void tell(const struct exited *exited) {
  uint8_t bytes[32];
  struct writer writer = {.at = bytes, .left = sizeof bytes};
  write_u64(&writer, exited->number);
  write_u32(&writer, (uint32_t)exited->pid);
  write_u32(&writer, (uint32_t)exited->status);
  write_u64(&writer, exited->at);
  write_u8(&writer, exited->published);
  brain_send(to_brain_exit, 0, bytes, sizeof bytes - writer.left);
}

static void add(pid_t pid, int status) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  if (count == most_exits) memmove(exits, exits + 1, --count * sizeof *exits);
  if (count == room) {
    const size_t more = room == 0 ? 16 : room * 2;
    struct exited *larger = realloc(exits, more * sizeof *exits);
    if (larger == NULL) fail("out of memory");
    exits = larger;
    room = more;
  }
  exits[count] = (struct exited){.number = ++latest,
                                 .pid = pid,
                                 .status = status,
                                 .at = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec};
  tell(&exits[count++]);
}

static void child_ended(struct watch *watch, uint32_t events) {
  (void)events;
  struct signalfd_siginfo information;
  while (read(watch->descriptor, &information, sizeof information) > 0)
    if (information.ssi_signo != SIGCHLD) brain_signal((int)information.ssi_signo);
  bool brain_has_ended = false;
  for (;;) {
    int status;
    const pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid <= 0) break;
    if (brain_is(pid)) brain_has_ended = true;
    else add(pid, status);
  }
  if (brain_has_ended) brain_ended();
  if (brain_given_up()) deposits_exits_changed();
}

void exits_open(void) {
  sigset_t set;
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) fail("cannot become a subreaper: %s", strerror(errno));
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  signals = (struct watch){.descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), .ready = child_ended};
  if (signals.descriptor < 0 || !loop_watch(&signals, EPOLLIN)) fail("cannot watch children: %s", strerror(errno));
}

uint64_t exits_latest(void) { return latest; }

void exits_spawned(pid_t pid, const char *tag) {
  if (tag[0] == '\0' || spawned_count == most_spawned) return;
  struct spawned *spawned = malloc(sizeof *spawned + strlen(tag) + 1);
  if (spawned == NULL) return;
  *spawned = (struct spawned){.next = all_spawned, .pid = pid, .after = latest};
  strcpy(spawned->tag, tag);
  all_spawned = spawned;
  spawned_count++;
}

bool exits_is_child(pid_t pid) {
  siginfo_t information;
  return pid > 0 && waitid(P_PID, (id_t)pid, &information, WEXITED | WNOHANG | WNOWAIT) == 0;
}

void exits_confirm(uint64_t number) {
  for (size_t at = 0; at < count; at++) {
    if (exits[at].number != number) continue;
    for (struct spawned **place = &all_spawned; *place != NULL; place = &(*place)->next) {
      struct spawned *spawned = *place;
      if (spawned->pid != exits[at].pid || spawned->after >= number) continue;
      *place = spawned->next;
      free(spawned);
      spawned_count--;
      break;
    }
    memmove(exits + at, exits + at + 1, (--count - at) * sizeof *exits);
    break;
  }
  if (count > 0) return;
  free(exits);
  exits = NULL;
  room = 0;
}

void exits_tell(void) {
  for (const struct spawned *spawned = all_spawned; spawned != NULL; spawned = spawned->next) {
    uint8_t bytes[name_largest + 32];
    struct writer writer = {.at = bytes, .left = sizeof bytes};
    write_u32(&writer, (uint32_t)spawned->pid);
    write_u64(&writer, spawned->after);
    write_string(&writer, spawned->tag);
    brain_send(to_brain_spawned, 0, bytes, sizeof bytes - writer.left);
  }
  for (size_t at = 0; at < count; at++) tell(&exits[at]);
}

struct exited *exits_find(pid_t pid, uint64_t after) {
  for (size_t at = count; at > 0; at--)
    if (exits[at - 1].pid == pid && exits[at - 1].number > after) return &exits[at - 1];
  return NULL;
}
