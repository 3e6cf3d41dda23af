/*
 * Bytes on their way: appended at the end, taken from the front. The room never exceeds what the caller allows, and an
 * empty buffer holds no memory.
 */
#ifndef RXSHIM_BUFFER_H
#define RXSHIM_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buffer {
  uint8_t *bytes;
  size_t start, end, room;
};

static inline size_t buffer_length(const struct buffer *buffer) { return buffer->end - buffer->start; }
static inline const uint8_t *buffer_at(const struct buffer *buffer) { return buffer->bytes + buffer->start; }

/* False, having changed nothing, when it would hold more than `limit` bytes or there is no memory. */
bool buffer_append(struct buffer *buffer, const void *bytes, size_t length, size_t limit);
void buffer_take(struct buffer *buffer, size_t length);
void buffer_clear(struct buffer *buffer);

/* One read into the buffer. As read(2); -1 with EMSGSIZE when `limit` is reached. */
ssize_t buffer_read(struct buffer *buffer, int descriptor, size_t limit);
/* Writes what the descriptor takes. False when the other side is gone. */
bool buffer_write(struct buffer *buffer, int descriptor);

#endif
