#include "deposits.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "brain.h"
#include "clients.h"
#include "exits.h"
#include "publish.h"
#include "ttrpc.h"

/* In all; of one. */
enum { most_bytes = 8 << 20, most_body = 64 * 1024 };
/* The sizes of the places: numbers of protobuf with as many bytes as the largest may have. */
enum { status_size = 5, seconds_size = 10, nanos_size = 5, none = 0xffffffff };

struct deposited {
  struct deposited *next;
  uint8_t kind;
  pid_t pid;
  /* Exits before that are another process's. */
  uint64_t after;
  uint32_t status_at, seconds_at, nanos_at;
  size_t length;
  bool published;
  const char *method, *id, *exec;
  uint8_t *body;
  char strings[];
};

static struct deposited *deposits;
static size_t bytes_held;
static const char *events_path;

void deposits_publish_to(const char *path) { events_path = path; }

static void forget(struct deposited **place) {
  struct deposited *old = *place;
  *place = old->next;
  bytes_held -= old->length;
  free(old);
}

static bool fits(uint32_t at, uint32_t size, size_t length) {
  return at == none || (length >= size && at <= length - size);
}

bool deposit(struct reader *reader) {
  struct deposited read = {.kind = read_u8(reader)};
  read.pid = (pid_t)read_u32(reader);
  read.after = read_u64(reader);
  read.status_at = read_u32(reader);
  read.seconds_at = read_u32(reader);
  read.nanos_at = read_u32(reader);
  read.method = read_string(reader);
  read.id = read_string(reader);
  read.exec = read_string(reader);
  const uint8_t *body = read_blob(reader, &read.length);
  if (reader->broken || read.length > most_body || read.kind < deposit_answer || read.kind > deposit_signal ||
      !fits(read.status_at, status_size, read.length) || !fits(read.seconds_at, seconds_size, read.length) ||
      !fits(read.nanos_at, nanos_size, read.length))
    return false;
  for (struct deposited **place = &deposits; *place != NULL; place = &(*place)->next) {
    const struct deposited *old = *place;
    if (old->kind != read.kind || strcmp(old->method, read.method) != 0 || strcmp(old->id, read.id) != 0 ||
        strcmp(old->exec, read.exec) != 0)
      continue;
    forget(place);
    break;
  }
  const size_t sizes[] = {strlen(read.method) + 1, strlen(read.id) + 1, strlen(read.exec) + 1};
  const size_t all = sizes[0] + sizes[1] + sizes[2];
  /* Without room the container has no answers while there is no brain; nothing else depends on it. */
  if (all > most_body || bytes_held + read.length > most_bytes) return true;
  struct deposited *made = malloc(sizeof *made + all + read.length);
  if (made == NULL) return true;
  *made = read;
  char *strings = made->strings;
  made->method = memcpy(strings, read.method, sizes[0]);
  made->id = memcpy(strings + sizes[0], read.id, sizes[1]);
  made->exec = memcpy(strings + sizes[0] + sizes[1], read.exec, sizes[2]);
  made->body = (uint8_t *)strings + all;
  if (read.length > 0) memcpy(made->body, body, read.length);
  made->next = deposits;
  deposits = made;
  bytes_held += read.length;
  return true;
}

void withdraw(struct reader *reader) {
  const char *id = read_string(reader), *exec = read_string(reader);
  const bool whole = read_u8(reader) != 0;
  if (reader->broken) return;
  for (struct deposited **place = &deposits; *place != NULL;) {
    const struct deposited *each = *place;
    if (strcmp(each->id, id) == 0 && (whole || strcmp(each->exec, exec) == 0)) forget(place);
    else place = &(*place)->next;
  }
}

static void put_padded(uint8_t *to, uint64_t value, int size) {
  for (int at = 0; at < size; at++, value >>= 7) to[at] = (uint8_t)((value & 0x7f) | (at + 1 < size ? 0x80 : 0));
}

static void fill(struct deposited *each, const struct exited *exited) {
  const int status = exited->status;
  const uint64_t code = WIFSIGNALED(status) ? 128u + (unsigned)WTERMSIG(status) : (unsigned)WEXITSTATUS(status);
  if (each->status_at != none) put_padded(each->body + each->status_at, code, status_size);
  if (each->seconds_at != none) put_padded(each->body + each->seconds_at, exited->at / 1000000000, seconds_size);
  if (each->nanos_at != none) put_padded(each->body + each->nanos_at, exited->at % 1000000000, nanos_size);
}

static bool is_for(const struct deposited *each, const struct ttrpc_call *call) {
  /* What is deposited for no container in particular is for all. */
  return text_is(call->method, each->method) &&
         (each->id[0] == '\0' || (text_is(call->id, each->id) && text_is(call->exec, each->exec)));
}

static void send_answer(uint32_t client, uint32_t stream, const struct deposited *each) {
  uint8_t *frame = malloc(each->length + 64);
  if (frame == NULL) return;
  clients_answer(client, frame, write_answer(frame, stream, (struct text){(const char *)each->body, each->length}));
  free(frame);
}

static bool send_error(uint32_t client, uint32_t stream, uint32_t code, const char *why) {
  uint8_t frame[ttrpc_error_text + 80];
  clients_answer(client, frame, write_error(frame, stream, code, why));
  return true;
}

static bool answer(uint32_t client, uint32_t stream, const struct ttrpc_call *call) {
  enum { not_found = 5, unavailable = 14 };
  const struct deposited *now = NULL;
  bool later = false;
  for (struct deposited *each = deposits; each != NULL; each = each->next) {
    if (!is_for(each, call)) continue;
    if (each->kind == deposit_answer && now == NULL) now = each;
    if (each->kind == deposit_exit_answer) {
      const struct exited *exited = exits_find(each->pid, each->after);
      later = later || exited == NULL;
      if (exited == NULL) continue;
      fill(each, exited);
      now = each;
      break;
    }
    if (each->kind == deposit_signal) {
      if (!exits_is_child(each->pid) || kill(each->pid, (int)call->number) != 0)
        return send_error(client, stream, not_found, "process already finished: not found");
      now = each;
    }
  }
  if (now != NULL) return send_answer(client, stream, now), true;
  /* A Wait that the exit will answer. */
  if (later) return false;
  return send_error(client, stream, unavailable, "the shim's brain cannot be started: unavailable");
}

void deposits_exits_changed(void) {
  for (struct deposited *each = deposits; each != NULL; each = each->next) {
    if (each->kind != deposit_exit_event || each->published) continue;
    struct exited *exited = exits_find(each->pid, each->after);
    if (exited == NULL) continue;
    fill(each, exited);
    if (events_path == NULL || !publish(events_path, each->body, each->length)) continue;
    each->published = true;
    exited->published = true;
  }
  clients_answer_by(answer);
}

void deposits_take_over(void) { deposits_exits_changed(); }
