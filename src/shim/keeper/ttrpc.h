/*
 * The part of ttrpc that the keeper reads: the header of a frame, and of a request its service, method and the ids in its message.
 *
 * Pure functions over bytes that anyone may have sent.
 */
#ifndef RXSHIM_TTRPC_H
#define RXSHIM_TTRPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../launcher/base/text.h"

enum { ttrpc_head = 10, ttrpc_request = 1, ttrpc_response = 2, ttrpc_largest = 4 << 20, ttrpc_error_text = 200 };

struct ttrpc_frame {
  uint32_t length, stream;
  uint8_t type;
};

struct ttrpc_call {
  struct text service, method;
  /* Fields 1 and 2 of the message, and 3 where it is a number: id, exec and signal in containerd's Task service. */
  struct text id, exec;
  uint64_t number;
};

/* `head` has `ttrpc_head` bytes. */
struct ttrpc_frame read_head(const uint8_t *head);
void write_head(uint8_t *head, struct ttrpc_frame frame);
/* The payload of a request. False for what is none. */
bool read_call(struct text payload, struct ttrpc_call *call);

/* Writes a response frame with an answer. Answers its length; `to` has room for 32 bytes more than the answer. */
size_t write_answer(uint8_t *to, uint32_t stream, struct text answer);
/* The same with an error, whose message is cut at `ttrpc_error_text`; `to` has room for 64 bytes more than that. */
size_t write_error(uint8_t *to, uint32_t stream, uint32_t code, const char *message);

#endif
