#include "protobuf.h"

#include <string.h>

static bool take_varint(struct text *from, uint64_t *value) {
  *value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (from->length == 0) return false;
    const uint8_t byte = (uint8_t)*from->at;
    from->at++;
    from->length--;
    *value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

static bool take_bytes(struct text *from, uint64_t length, struct text *bytes) {
  if (length > from->length) return false;
  *bytes = (struct text){from->at, (size_t)length};
  from->at += length;
  from->length -= (size_t)length;
  return true;
}

static bool take_field(struct text *message, struct field *field) {
  uint64_t tag, length;
  if (!take_varint(message, &tag) || tag >> 3 == 0 || tag >> 3 > 0x1fffffff) return false;
  *field = (struct field){.number = (uint32_t)(tag >> 3), .type = tag & 7};
  switch (field->type) {
    case 0:
      return take_varint(message, &field->value);
    case 1:
      return take_bytes(message, 8, &field->bytes);
    case 2:
      return take_varint(message, &length) && take_bytes(message, length, &field->bytes);
    case 5:
      return take_bytes(message, 4, &field->bytes);
    default:
      return false;
  }
}

bool next_field(struct text *message, struct field *field, bool *broken) {
  if (message->length == 0) return false;
  if (take_field(message, field)) return true;
  *broken = true;
  return false;
}

static char *put_varint(char *to, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *to++ = (char)(value | 0x80);
  *to++ = (char)value;
  return to;
}

char *put_bytes(char *to, uint32_t number, struct text bytes) {
  to = put_varint(to, (uint64_t)number << 3 | protobuf_bytes);
  to = put_varint(to, bytes.length);
  memcpy(to, bytes.at, bytes.length);
  return to + bytes.length;
}

char *put_integer(char *to, uint32_t number, uint64_t value) {
  to = put_varint(to, (uint64_t)number << 3 | protobuf_number);
  return put_varint(to, value);
}
