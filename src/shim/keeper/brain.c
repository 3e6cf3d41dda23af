#include "brain.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../launcher/base/failure.h"
#include "../launcher/base/text.h"
#include "buffer.h"
#include "clients.h"
#include "commands.h"
#include "deposits.h"
#include "exits.h"
#include "loop.h"
#include "moves.h"
#include "place.h"
#include "store.h"
#include "wire.h"

extern char **environ;

/* The link may hold twice what is in flight at most; calls wait from a quarter of that on. */
enum { most_waiting = 32 << 20, full_link = 4 << 20 };
/* Milliseconds. */
enum { first_delay = 50, longest_delay = 10000, ping_every = 5000 };
enum { give_up_after = 5, link_descriptor = 3, command_descriptor = 4 };

static char **command_line;
static pid_t brain;
static struct watch link_watch = {.descriptor = -1};
static struct buffer in, out;
static bool healthy, leaving, pinged;
static unsigned failures;
static struct timer restart_timer, ping_timer;

static void link_ready(struct watch *watch, uint32_t events);

static void close_link(void) {
  if (link_watch.descriptor < 0) return;
  loop_forget(&link_watch);
  close(link_watch.descriptor);
  link_watch.descriptor = -1;
  loop_cancel(&ping_timer);
  buffer_clear(&in);
  buffer_clear(&out);
  commands_close();
  clients_brain_gone();
  clients_link_open(true);
}

/* Whatever is wrong with it: the end of its process is what is waited for. */
static void replace_brain(const char *why) {
  if (brain > 0 && !leaving) {
    dprintf(2, "rxshim keeper: the brain %d %s and is replaced\n", (int)brain, why);
    kill(brain, SIGKILL);
  }
  close_link();
}

static void rewatch(void) {
  loop_watch(&link_watch, EPOLLIN | (buffer_length(&out) > 0 ? EPOLLOUT : 0));
  clients_link_open(buffer_length(&out) < full_link);
}

void brain_send(uint8_t type, uint32_t client, const void *bytes, size_t length) {
  if (link_watch.descriptor < 0) return;
  uint8_t head[link_head];
  write_link_head(head, (struct link_message){.length = (uint32_t)length, .type = type, .client = client});
  if (!buffer_append(&out, head, sizeof head, most_waiting) || !buffer_append(&out, bytes, length, most_waiting))
    return replace_brain("does not read");
  if (!buffer_write(&out, link_watch.descriptor)) return replace_brain("has closed its link");
  rewatch();
}

static void ping(struct timer *timer) {
  if (pinged) return replace_brain("does not answer");
  pinged = true;
  brain_send(to_brain_ping, 0, NULL, 0);
  if (link_watch.descriptor >= 0) loop_after(timer, ping_every);
}

static void receive(struct link_message message, const uint8_t *bytes) {
  struct reader reader = {.at = bytes, .left = message.length};
  switch (message.type) {
    case to_keeper_response:
      if (message.length < ttrpc_head) return replace_brain("sent half an answer");
      clients_answer(message.client, bytes, message.length);
      healthy = true;
      return;
    case to_keeper_restored:
      healthy = true;
      failures = 0;
      clients_brain_ready();
      return;
    case to_keeper_confirm:
      return exits_confirm(read_u64(&reader));
    case to_keeper_drop:
      return clients_drop(message.client);
    case to_keeper_pong:
      pinged = false;
      return;
    case to_keeper_deposit:
      if (!deposit(&reader)) replace_brain("sent a deposit that cannot be");
      return;
    case to_keeper_withdraw:
      return withdraw(&reader);
    case to_keeper_leave:
      leaving = true;
      give_up_place();
      clients_stop_listening();
      return;
    default:
      return replace_brain("sent what is not known");
  }
}

static void link_ready(struct watch *watch, uint32_t events) {
  if (events & EPOLLOUT && !buffer_write(&out, watch->descriptor)) return replace_brain("has closed its link");
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
    const ssize_t got = buffer_read(&in, watch->descriptor, link_largest);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return replace_brain("has closed its link");
    while (buffer_length(&in) >= link_head) {
      const struct link_message message = read_link_head(buffer_at(&in));
      if (message.length > link_largest - link_head) return replace_brain("sent too long a message");
      if (buffer_length(&in) < link_head + message.length) break;
      receive(message, buffer_at(&in) + link_head);
      /* Replaced meanwhile. */
      if (link_watch.descriptor < 0) return;
      buffer_take(&in, link_head + message.length);
    }
  }
  rewatch();
}

/* All that a brain has to know before it is asked anything. */
static void greet(void) {
  uint8_t bytes[16];
  struct writer writer = {.at = bytes, .left = sizeof bytes};
  write_u32(&writer, 1);
  write_u32(&writer, (uint32_t)getpid());
  brain_send(to_brain_hello, 0, bytes, sizeof bytes - writer.left);
  store_tell();
  moves_tell();
  exits_tell();
  brain_send(to_brain_ready, 0, NULL, 0);
}

static bool spawn_brain(int link, int commands) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t all, none;
  memset(&all, 0xff, sizeof all);
  sigemptyset(&none);
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, link, link_descriptor);
  posix_spawn_file_actions_adddup2(&actions, commands, command_descriptor);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  const int why = posix_spawnp(&brain, command_line[0], &actions, &attributes, command_line, environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (why == 0) return true;
  brain = 0;
  dprintf(2, "rxshim keeper: cannot start %s: %s\n", command_line[0], strerror(why));
  return false;
}

/* Above those that the brain gets. */
static bool make_pair(int type, int pair[2]) {
  int made[2];
  if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, made) != 0) return false;
  for (int at = 0; at < 2; at++) {
    pair[at] = fcntl(made[at], F_DUPFD_CLOEXEC, 16);
    close(made[at]);
  }
  return pair[0] >= 0 && pair[1] >= 0;
}

static void failed(void);

static void start_now(struct timer *timer) {
  (void)timer;
  int link[2] = {-1, -1}, commands[2] = {-1, -1};
  healthy = pinged = false;
  const bool started = make_pair(SOCK_STREAM, link) && make_pair(SOCK_SEQPACKET, commands) &&
                       spawn_brain(link[1], commands[1]);
  if (link[1] >= 0) close(link[1]);
  if (commands[1] >= 0) close(commands[1]);
  if (!started) {
    if (link[0] >= 0) close(link[0]);
    if (commands[0] >= 0) close(commands[0]);
    return failed();
  }
  fcntl(link[0], F_SETFL, O_RDWR | O_NONBLOCK);
  link_watch = (struct watch){.descriptor = link[0], .ready = link_ready};
  commands_open(commands[0]);
  greet();
  loop_after(&ping_timer, ping_every);
}

static void failed(void) {
  long delay = first_delay;
  for (unsigned at = 1; at < failures && delay < longest_delay; at++) delay *= 2;
  loop_after(&restart_timer, delay < longest_delay ? delay : longest_delay);
  if (++failures >= give_up_after) deposits_take_over();
}

void brain_start(char **words) {
  command_line = words;
  restart_timer.fire = start_now;
  ping_timer.fire = ping;
  start_now(&restart_timer);
}

bool brain_is(pid_t pid) { return pid > 0 && pid == brain; }
bool brain_given_up(void) { return failures >= give_up_after; }
bool brain_leaving(void) { return leaving; }

void brain_signal(int signal) {
  if (brain > 0) kill(brain, signal);
}

void brain_ended(void) {
  const bool was_healthy = healthy;
  brain = 0;
  /* What it said last may still be on its way. */
  while (link_watch.descriptor >= 0) {
    const size_t before = buffer_length(&in);
    const int descriptor = link_watch.descriptor;
    link_ready(&link_watch, EPOLLIN);
    if (link_watch.descriptor == descriptor && buffer_length(&in) == before) break;
  }
  close_link();
  if (leaving) return leave_when_flushed();
  dprintf(2, "rxshim keeper: the brain has ended; another is started\n");
  if (was_healthy || healthy) {
    failures = 0;
    start_now(&restart_timer);
  } else {
    failed();
  }
}
