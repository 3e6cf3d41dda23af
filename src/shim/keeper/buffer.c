#include "buffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { smallest = 512, piece = 16 * 1024 };

static bool make_room(struct buffer *buffer, size_t more, size_t limit) {
  const size_t length = buffer_length(buffer);
  if (more > limit || length > limit - more) return false;
  if (buffer->room - buffer->end >= more) return true;
  if (buffer->start > 0) {
    memmove(buffer->bytes, buffer->bytes + buffer->start, length);
    buffer->start = 0;
    buffer->end = length;
  }
  if (buffer->room - length >= more) return true;
  size_t room = buffer->room < smallest ? smallest : buffer->room;
  while (room - length < more) room *= 2;
  uint8_t *bytes = realloc(buffer->bytes, room);
  if (bytes == NULL) return false;
  buffer->bytes = bytes;
  buffer->room = room;
  return true;
}

bool buffer_append(struct buffer *buffer, const void *bytes, size_t length, size_t limit) {
  if (length == 0) return true;
  if (!make_room(buffer, length, limit)) return false;
  memcpy(buffer->bytes + buffer->end, bytes, length);
  buffer->end += length;
  return true;
}

void buffer_take(struct buffer *buffer, size_t length) {
  buffer->start += length;
  if (buffer->start == buffer->end) buffer_clear(buffer);
}

void buffer_clear(struct buffer *buffer) {
  free(buffer->bytes);
  *buffer = (struct buffer){0};
}

ssize_t buffer_read(struct buffer *buffer, int descriptor, size_t limit) {
  /* By way of the stack: a connection that says nothing holds no memory. */
  uint8_t bytes[piece];
  const size_t left = limit - buffer_length(buffer);
  if (left == 0 || buffer_length(buffer) > limit) {
    errno = EMSGSIZE;
    return -1;
  }
  const ssize_t count = read(descriptor, bytes, left < sizeof bytes ? left : sizeof bytes);
  if (count > 0 && !buffer_append(buffer, bytes, (size_t)count, limit)) {
    errno = ENOMEM;
    return -1;
  }
  return count;
}

bool buffer_write(struct buffer *buffer, int descriptor) {
  while (buffer_length(buffer) > 0) {
    const ssize_t count = send(descriptor, buffer_at(buffer), buffer_length(buffer), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN;
    buffer_take(buffer, (size_t)count);
  }
  return true;
}
