#include "clients.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "brain.h"
#include "buffer.h"
#include "loop.h"
#include "wire.h"

/* Of one client: answers that it does not read before its requests wait; the most that is kept for it. */
enum { slow_reader = 64 * 1024, most_answers = 16 << 20 };
/* Of all clients together. */
enum { most_clients = 256, most_in_flight = 16 << 20 };

struct request {
  struct request *next;
  uint32_t stream, length;
  /* The whole frame. */
  uint8_t frame[];
};

struct client {
  struct watch watch;
  struct client *next;
  uint32_t id;
  struct buffer in, out;
  /* In the order of their arrival. */
  struct request *first, **last;
  /* What is left of a frame that is too long and is passed over. */
  uint32_t skipped;
};

static struct watch listening = {.descriptor = -1};
static struct client *clients;
static uint32_t latest_id;
static size_t count, in_flight;
static bool brain_ready, link_open = true;
static answer_call *answerer;

static void client_ready(struct watch *watch, uint32_t events);

static void rewatch(struct client *client) {
  const bool reads = link_open && in_flight < most_in_flight && buffer_length(&client->out) < slow_reader;
  const uint32_t writes = buffer_length(&client->out) > 0 ? EPOLLOUT : 0;
  loop_watch(&client->watch, (reads ? EPOLLIN : 0) | EPOLLRDHUP | writes);
}

static void rewatch_all(void) {
  for (struct client *client = clients; client != NULL; client = client->next) rewatch(client);
}

static void forget_request(struct client *client, struct request **place) {
  struct request *request = *place;
  *place = request->next;
  if (client->last == &request->next) client->last = place;
  const bool was_full = in_flight >= most_in_flight;
  in_flight -= request->length;
  free(request);
  if (was_full && in_flight < most_in_flight) rewatch_all();
}

static void close_client(struct client *client) {
  for (struct client **place = &clients; *place != NULL; place = &(*place)->next) {
    if (*place != client) continue;
    *place = client->next;
    break;
  }
  while (client->first != NULL) forget_request(client, &client->first);
  loop_forget(&client->watch);
  close(client->watch.descriptor);
  buffer_clear(&client->in);
  buffer_clear(&client->out);
  free(client);
  if (count-- == most_clients && listening.descriptor >= 0) loop_watch(&listening, EPOLLIN);
}

static void lose(struct client *client) {
  if (brain_ready) brain_send(to_brain_closed, client->id, NULL, 0);
  close_client(client);
}

/* False when the client was lost. */
static bool say(struct client *client, const uint8_t *frame, size_t length) {
  if (!buffer_append(&client->out, frame, length, most_answers) ||
      !buffer_write(&client->out, client->watch.descriptor)) {
    lose(client);
    return false;
  }
  rewatch(client);
  return true;
}

static bool refuse(struct client *client, uint32_t stream, const char *why) {
  enum { resource_exhausted = 8 };
  uint8_t frame[ttrpc_error_text + 64];
  return say(client, frame, write_error(frame, stream, resource_exhausted, why));
}

static bool call_of(const struct request *request, struct ttrpc_call *call) {
  return read_call((struct text){(const char *)request->frame + ttrpc_head, request->length - ttrpc_head}, call);
}

/* False when the client was lost. */
static bool keep(struct client *client, const uint8_t *frame, uint32_t length, uint32_t stream) {
  struct request *request = malloc(sizeof *request + length);
  if (request == NULL) return refuse(client, stream, "the shim is out of memory: resource exhausted");
  *request = (struct request){.stream = stream, .length = length};
  memcpy(request->frame, frame, length);
  *client->last = request;
  client->last = &request->next;
  in_flight += length;
  if (brain_ready) brain_send(to_brain_request, client->id, frame, length);
  struct ttrpc_call call;
  const uint32_t id = client->id;
  if (!brain_ready && answerer != NULL && call_of(request, &call)) {
    answerer(id, stream, &call);
    for (client = clients; client != NULL && client->id != id; client = client->next) continue;
  }
  return client != NULL;
}

/* Takes frames off the front of what has come. False when the client was lost. */
static bool take_frames(struct client *client) {
  for (;;) {
    struct buffer *in = &client->in;
    if (client->skipped > 0) {
      const size_t have = buffer_length(in), taken = have < client->skipped ? have : client->skipped;
      client->skipped -= (uint32_t)taken;
      buffer_take(in, taken);
      if (client->skipped > 0) return true;
    }
    if (buffer_length(in) < ttrpc_head) return true;
    const struct ttrpc_frame frame = read_head(buffer_at(in));
    const uint32_t whole = ttrpc_head + frame.length;
    if (frame.length > ttrpc_largest) {
      client->skipped = frame.length;
      buffer_take(in, ttrpc_head);
      if (frame.type == ttrpc_request &&
          !refuse(client, frame.stream, "the message is longer than 4194304 bytes: resource exhausted"))
        return false;
      continue;
    }
    if (buffer_length(in) < whole) return true;
    /* Others mean nothing to a server. */
    if (frame.type == ttrpc_request && !keep(client, buffer_at(in), whole, frame.stream)) return false;
    buffer_take(in, whole);
  }
}

static void client_ready(struct watch *watch, uint32_t events) {
  struct client *client = container_of(watch, struct client, watch);
  if (events & EPOLLOUT && !buffer_write(&client->out, watch->descriptor)) return lose(client);
  if (events & EPOLLIN) {
    const ssize_t got = buffer_read(&client->in, watch->descriptor, ttrpc_head + ttrpc_largest);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return lose(client);
    if (got > 0 && !take_frames(client)) return;
  } else if (events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) {
    /* There is no half of a ttrpc connection. What it said before it left has no one to be answered to. */
    return lose(client);
  }
  rewatch(client);
}

static void listener_ready(struct watch *watch, uint32_t events) {
  (void)events;
  const int descriptor = accept4(watch->descriptor, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (descriptor < 0) return;
  struct client *client = calloc(1, sizeof *client);
  if (client == NULL) {
    close(descriptor);
    return;
  }
  client->watch = (struct watch){.descriptor = descriptor, .ready = client_ready};
  client->id = ++latest_id;
  client->last = &client->first;
  client->next = clients;
  clients = client;
  count++;
  if (brain_ready) brain_send(to_brain_open, client->id, NULL, 0);
  rewatch(client);
  if (count >= most_clients) loop_watch(&listening, 0);
}

void clients_listen(int listener) {
  fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK);
  listening = (struct watch){.descriptor = listener, .ready = listener_ready};
  loop_watch(&listening, EPOLLIN);
}

void clients_stop_listening(void) {
  if (listening.descriptor < 0) return;
  loop_forget(&listening);
  close(listening.descriptor);
  listening.descriptor = -1;
}

void clients_brain_ready(void) {
  brain_ready = true;
  answerer = NULL;
  for (struct client *client = clients; client != NULL; client = client->next) {
    brain_send(to_brain_open, client->id, NULL, 0);
    for (struct request *request = client->first; request != NULL; request = request->next)
      brain_send(to_brain_request, client->id, request->frame, request->length);
  }
}

void clients_brain_gone(void) { brain_ready = false; }

void clients_link_open(bool open) {
  if (link_open == open) return;
  link_open = open;
  rewatch_all();
}

static struct client *find(uint32_t id) {
  struct client *client = clients;
  while (client != NULL && client->id != id) client = client->next;
  return client;
}

void clients_answer(uint32_t id, const uint8_t *frame, size_t length) {
  struct client *client = find(id);
  if (client == NULL) return;
  const struct ttrpc_frame head = read_head(frame);
  for (struct request **place = &client->first; *place != NULL; place = &(*place)->next) {
    if ((*place)->stream != head.stream) continue;
    forget_request(client, place);
    break;
  }
  say(client, frame, length);
}

void clients_drop(uint32_t id) {
  struct client *client = find(id);
  if (client != NULL) close_client(client);
}

void clients_answer_by(answer_call *answer) {
  answerer = answer;
  for (struct client *client = clients, *next; client != NULL; client = next) {
    const uint32_t id = client->id;
    for (struct request *request = client->first, *later; request != NULL; request = later) {
      struct ttrpc_call call;
      later = request->next;
      if (call_of(request, &call)) answer(id, request->stream, &call);
      /* The answer may have lost the client. */
      if (find(id) == NULL) break;
    }
    client = find(id);
    next = client == NULL ? clients : client->next;
  }
}

bool clients_flushed(void) {
  for (struct client *client = clients; client != NULL; client = client->next)
    if (buffer_length(&client->out) > 0) return false;
  return true;
}
