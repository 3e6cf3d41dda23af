#include "wire.h"

#include <string.h>

static const uint8_t *take(struct reader *reader, size_t length) {
  if (reader->broken || length > reader->left) {
    reader->broken = true;
    return NULL;
  }
  const uint8_t *bytes = reader->at;
  reader->at += length;
  reader->left -= length;
  return bytes;
}

static uint64_t take_number(struct reader *reader, size_t size) {
  const uint8_t *bytes = take(reader, size);
  uint64_t value = 0;
  for (size_t at = 0; bytes != NULL && at < size; at++) value = value << 8 | bytes[at];
  return value;
}

uint8_t read_u8(struct reader *reader) { return (uint8_t)take_number(reader, 1); }
uint32_t read_u32(struct reader *reader) { return (uint32_t)take_number(reader, 4); }
uint64_t read_u64(struct reader *reader) { return take_number(reader, 8); }

const uint8_t *read_blob(struct reader *reader, size_t *length) {
  *length = read_u32(reader);
  const uint8_t *bytes = take(reader, *length);
  if (bytes == NULL) *length = 0;
  return bytes;
}

const char *read_string(struct reader *reader) {
  size_t length;
  const uint8_t *bytes = read_blob(reader, &length);
  const uint8_t *end = take(reader, 1);
  if (bytes == NULL || end == NULL) return "";
  if (*end != 0 || memchr(bytes, 0, length) != NULL) {
    reader->broken = true;
    return "";
  }
  return (const char *)bytes;
}

static void put(struct writer *writer, const void *bytes, size_t length) {
  if (writer->broken || length > writer->left) {
    writer->broken = true;
    return;
  }
  memcpy(writer->at, bytes, length);
  writer->at += length;
  writer->left -= length;
}

static void put_number(struct writer *writer, uint64_t value, int size) {
  uint8_t bytes[8];
  for (int at = 0; at < size; at++) bytes[at] = (uint8_t)(value >> (8 * (size - 1 - at)));
  put(writer, bytes, (size_t)size);
}

void write_u8(struct writer *writer, uint8_t value) { put_number(writer, value, 1); }
void write_u32(struct writer *writer, uint32_t value) { put_number(writer, value, 4); }
void write_u64(struct writer *writer, uint64_t value) { put_number(writer, value, 8); }

void write_string(struct writer *writer, const char *string) {
  const size_t length = strlen(string);
  write_u32(writer, (uint32_t)length);
  put(writer, string, length + 1);
}

struct link_message read_link_head(const uint8_t *head) {
  struct reader reader = {.at = head, .left = link_head};
  struct link_message message = {.length = read_u32(&reader)};
  message.type = read_u8(&reader);
  take(&reader, 3);
  message.client = read_u32(&reader);
  return message;
}

void write_link_head(uint8_t *head, struct link_message message) {
  struct writer writer = {.at = head, .left = link_head};
  write_u32(&writer, message.length);
  write_u8(&writer, message.type);
  put(&writer, "\0\0\0", 3);
  write_u32(&writer, message.client);
}
