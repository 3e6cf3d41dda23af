/*
 * The fields of a protobuf message, one after the other.
 *
 * Reads nothing outside of the message whatever it holds. What the fields mean is for the caller to know.
 */
#ifndef RXSHIM_PROTOBUF_H
#define RXSHIM_PROTOBUF_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/text.h"

struct field {
  uint32_t number;
  /* 0 a number, 2 bytes; 1 and 5, fixed numbers, have their bytes. Groups are refused. */
  uint8_t type;
  uint64_t value;
  struct text bytes;
};

enum { protobuf_number = 0, protobuf_bytes = 2 };

/* Takes the next field off the front of `message`. False at its end, and when it cannot be read: then `*broken` is true. */
bool next_field(struct text *message, struct field *field, bool *broken);

/* Appends a field of bytes; `to` must have room for 11 bytes more than `bytes` has. Answers the end. */
char *put_bytes(char *to, uint32_t number, struct text bytes);
/* Appends a number, of at most 15 bytes with its field. Answers the end. */
char *put_integer(char *to, uint32_t number, uint64_t value);

#endif
