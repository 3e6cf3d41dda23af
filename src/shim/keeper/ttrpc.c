#include "ttrpc.h"

#include <string.h>

#include "../launcher/formats/protobuf.h"

static uint32_t number_at(const uint8_t *from) {
  return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static void put_at(uint8_t *to, uint32_t number) {
  for (int at = 0; at < 4; at++) to[at] = (uint8_t)(number >> (24 - 8 * at));
}

struct ttrpc_frame read_head(const uint8_t *head) {
  return (struct ttrpc_frame){.length = number_at(head), .stream = number_at(head + 4), .type = head[8]};
}

void write_head(uint8_t *head, struct ttrpc_frame frame) {
  put_at(head, frame.length);
  put_at(head + 4, frame.stream);
  head[8] = frame.type;
  head[9] = 0;
}

bool read_call(struct text payload, struct ttrpc_call *call) {
  struct field field;
  struct text message = {"", 0};
  bool broken = false;
  *call = (struct ttrpc_call){.service = {"", 0}, .method = {"", 0}, .id = {"", 0}, .exec = {"", 0}};
  while (next_field(&payload, &field, &broken)) {
    if (field.type != protobuf_bytes) continue;
    if (field.number == 1) call->service = field.bytes;
    if (field.number == 2) call->method = field.bytes;
    if (field.number == 3) message = field.bytes;
  }
  while (!broken && next_field(&message, &field, &broken)) {
    if (field.type == protobuf_bytes && field.number == 1) call->id = field.bytes;
    if (field.type == protobuf_bytes && field.number == 2) call->exec = field.bytes;
    if (field.type == protobuf_number && field.number == 3) call->number = field.value;
  }
  return !broken;
}

static size_t finish(uint8_t *to, uint32_t stream, const char *end) {
  const size_t length = (size_t)(end - (char *)to);
  write_head(to, (struct ttrpc_frame){(uint32_t)(length - ttrpc_head), stream, ttrpc_response});
  return length;
}

size_t write_answer(uint8_t *to, uint32_t stream, struct text answer) {
  return finish(to, stream, put_bytes((char *)to + ttrpc_head, 2, answer));
}

size_t write_error(uint8_t *to, uint32_t stream, uint32_t code, const char *message) {
  char status[ttrpc_error_text + 32];
  struct text text = text_of(message);
  if (text.length > ttrpc_error_text) text.length = ttrpc_error_text;
  const char *end = put_bytes(put_integer(status, 1, code), 2, text);
  return finish(to, stream, put_bytes((char *)to + ttrpc_head, 1, (struct text){status, (size_t)(end - status)}));
}
