/* One request of ttrpc: a head of 10 bytes (length, stream, type, flags), then the message; big-endian. */
#include "join.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/failure.h"
#include "../formats/protobuf.h"

enum { head_size = 10, type_request = 1, type_response = 2, largest = 4 << 20, not_implemented = 12 };

static void put_number(char *to, uint32_t number) {
  for (int at = 0; at < 4; at++) to[at] = (char)(number >> (24 - 8 * at));
}

static uint32_t get_number(const char *from) {
  uint32_t number = 0;
  for (int at = 0; at < 4; at++) number = number << 8 | (unsigned char)from[at];
  return number;
}

static struct text request_of(const char *id, const char *bundle) {
  const struct text id_text = text_of(id), bundle_text = text_of(bundle);
  const size_t room = id_text.length + bundle_text.length + 256;
  char *payload = allocate(room), *frame = allocate(room);
  char *end = put_bytes(put_bytes(payload, 1, id_text), 2, bundle_text);
  char *at = frame + head_size;
  at = put_bytes(at, 1, text_of("rxshim.shim.v1.Group"));
  at = put_bytes(at, 2, text_of("Join"));
  at = put_bytes(at, 3, (struct text){payload, (size_t)(end - payload)});
  const size_t length = (size_t)(at - frame);
  put_number(frame, (uint32_t)(length - head_size));
  put_number(frame + 4, 1);
  frame[8] = type_request;
  frame[9] = 0;
  return (struct text){frame, length};
}

static bool send_all(int socket, struct text bytes) {
  while (bytes.length > 0) {
    const ssize_t count = send(socket, bytes.at, bytes.length, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.at += count;
    bytes.length -= (size_t)count;
  }
  return true;
}

/* False when the other side has gone; fails when time has run out. */
static bool receive_all(int socket, const char *path, char *to, size_t length, long deadline) {
  while (length > 0) {
    struct pollfd readable = {.fd = socket, .events = POLLIN};
    const long left = deadline - now();
    const int ready = poll(&readable, 1, left > 0 ? (int)left : 0);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) fail("the daemon of this group does not answer at %s", path);
    const ssize_t count = ready < 0 ? -1 : recv(socket, to, length, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    to += count;
    length -= (size_t)count;
  }
  return true;
}

/* The code of the status in a response; 0 is success. */
static bool status_of(struct text response, uint64_t *code) {
  struct field field;
  bool broken = false;
  *code = 0;
  while (next_field(&response, &field, &broken)) {
    if (field.number != 1 || field.type != protobuf_bytes) continue;
    struct text status = field.bytes;
    while (next_field(&status, &field, &broken))
      if (field.number == 1 && field.type == protobuf_number) *code = field.value;
  }
  return !broken;
}

enum joining join_group(int socket, const char *path, const char *id, const char *bundle, long deadline) {
  char head[head_size];
  uint64_t code;
  if (!send_all(socket, request_of(id, bundle))) return leaving_group;
  if (!receive_all(socket, path, head, sizeof head, deadline)) return leaving_group;
  const uint32_t length = get_number(head);
  if (length > largest || head[8] != type_response) fail("what listens at %s is no shim of rxshim", path);
  char *body = allocate(length);
  if (!receive_all(socket, path, body, length, deadline)) return leaving_group;
  if (!status_of((struct text){body, length}, &code) || code == not_implemented)
    fail("what listens at %s is no shim of rxshim", path);
  return code == 0 ? joined_group : leaving_group;
}
