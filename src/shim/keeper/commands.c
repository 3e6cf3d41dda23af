#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exits.h"
#include "loop.h"
#include "moves.h"
#include "spawn.h"
#include "store.h"
#include "wire.h"

enum { answer_room = 64 * 1024, socket_room = 1 << 20 };

static struct watch watch = {.descriptor = -1};

static int kill_child(pid_t pid, int signal) {
  /* Reaped only here, so a child that is one now is the one that is meant. */
  if (!exits_is_child(pid)) return ESRCH;
  return kill(pid, signal) == 0 ? 0 : errno;
}

static int take(struct attached *attached, size_t at) {
  if (at >= attached->count) return -1;
  const int descriptor = attached->descriptors[at];
  attached->descriptors[at] = -1;
  return descriptor;
}

static int perform(uint8_t command, struct reader *reader, struct attached *attached, struct writer *writer,
                   int *sent) {
  const char *name;
  switch (command) {
    case command_spawn:
      return spawn_child(reader, attached, writer);
    case command_kill: {
      const pid_t pid = (pid_t)read_u32(reader);
      const int signal = (int)read_u32(reader);
      return reader->broken ? EINVAL : kill_child(pid, signal);
    }
    case command_child: {
      const pid_t pid = (pid_t)read_u32(reader);
      const struct exited *exited = exits_is_child(pid) ? NULL : exits_find(pid, 0);
      write_u64(writer, exited == NULL ? exits_latest() : exited->number - 1);
      return exited != NULL || exits_is_child(pid) ? 0 : ECHILD;
    }
    case command_report:
      name = read_string(reader);
      return moves_report(name, writer);
    case command_names:
      name = read_string(reader);
      moves_names(name, writer);
      return 0;
    default:
      break;
  }
  name = read_string(reader);
  if (reader->broken) return EINVAL;
  switch (command) {
    case command_hold: {
      const int descriptor = take(attached, 0);
      return descriptor < 0 ? EBADF : store_hold(name, descriptor);
    }
    case command_take:
      *sent = store_find(name);
      return *sent < 0 ? ENOENT : 0;
    case command_release:
      store_release(name);
      return 0;
    case command_attach: {
      const int from = take(attached, 0), to = take(attached, 1);
      return moves_attach(name, from, to);
    }
    case command_detach:
      moves_detach(name);
      return 0;
    case command_settle:
      return moves_settle(name);
    case command_finish: {
      const bool all = read_u8(reader) != 0;
      const uint32_t stall = read_u32(reader);
      return reader->broken ? EINVAL : moves_finish(name, all, stall);
    }
    default:
      return ENOSYS;
  }
}

size_t carry_out(const uint8_t *command, size_t length, struct attached *attached, uint8_t *answer, size_t room,
                 int *sent) {
  struct reader reader = {.at = command, .left = length};
  /* The number of the failure goes first. */
  struct writer head = {.at = answer, .left = 4}, body = {.at = answer + 4, .left = room - 4};
  *sent = -1;
  int why = perform(read_u8(&reader), &reader, attached, &body, sent);
  if (reader.broken) why = EINVAL;
  for (size_t at = 0; at < attached->count; at++)
    if (attached->descriptors[at] >= 0) close(attached->descriptors[at]);
  attached->count = 0;
  if (body.broken) why = EMSGSIZE;
  write_u32(&head, (uint32_t)why);
  return why == 0 ? room - body.left : 4;
}

union control {
  struct cmsghdr head;
  char bytes[CMSG_SPACE(sizeof(int) * 4)];
};

static ssize_t receive(int descriptor, uint8_t *bytes, struct attached *attached, bool *cut) {
  union control control;
  struct iovec vector = {.iov_base = bytes, .iov_len = command_largest};
  struct msghdr message = {
      .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  const ssize_t length = recvmsg(descriptor, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  attached->count = 0;
  if (length < 0) return length;
  *cut = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
  for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head != NULL; head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
    attached->count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(attached->descriptors, CMSG_DATA(head), attached->count * sizeof(int));
  }
  return length;
}

static void reply(int descriptor, uint8_t *answer, size_t length, int sent) {
  union control control = {0};
  struct iovec vector = {.iov_base = answer, .iov_len = length};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
  if (sent >= 0) {
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(sizeof(int));
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    *head = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
    memcpy(CMSG_DATA(head), &sent, sizeof sent);
  }
  /* It asks one thing at a time, so there is room; if it is gone, the end of its process tells. */
  sendmsg(descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void ready(struct watch *this, uint32_t events) {
  (void)events;
  uint8_t *bytes = malloc(command_largest + answer_room);
  struct attached attached;
  bool cut = false;
  int sent;
  if (bytes == NULL) return;
  uint8_t *answer = bytes + command_largest;
  const ssize_t length = receive(this->descriptor, bytes, &attached, &cut);
  if (length > 0) {
    const size_t answered = carry_out(bytes, cut ? 0 : (size_t)length, &attached, answer, answer_room, &sent);
    if (this->descriptor >= 0) reply(this->descriptor, answer, answered, sent);
  } else if (length == 0) {
    loop_forget(this);
  }
  free(bytes);
}

void commands_open(int descriptor) {
  const int room = socket_room;
  setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
  watch = (struct watch){.descriptor = descriptor, .ready = ready};
  loop_watch(&watch, EPOLLIN);
}

void commands_close(void) {
  if (watch.descriptor < 0) return;
  loop_forget(&watch);
  close(watch.descriptor);
  watch.descriptor = -1;
}
