/*
 * The bytes of the two channels between keeper and brain, see docs/keeper.md.
 *
 * Numbers are big-endian. A string is its length in four bytes, its bytes, and a zero byte, so that it is a string of C
 * where it stands; one with a zero byte within is refused. Reading stops at the first thing that is wrong.
 */
#ifndef RXSHIM_WIRE_H
#define RXSHIM_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { link_head = 12, link_largest = 5 << 20, command_largest = 192 * 1024, name_largest = 512 };

/* Types of messages on the link. */
enum {
  to_brain_hello = 1,
  to_brain_open = 2,
  to_brain_request = 3,
  to_brain_closed = 4,
  to_brain_exit = 5,
  to_brain_spawned = 6,
  to_brain_held = 7,
  to_brain_ready = 8,
  to_brain_ping = 9,
  to_brain_moved = 10,
  to_keeper_response = 17,
  to_keeper_confirm = 18,
  to_keeper_drop = 19,
  to_keeper_pong = 20,
  to_keeper_deposit = 21,
  to_keeper_withdraw = 22,
  to_keeper_leave = 23,
  to_keeper_restored = 24,
};

/* Commands on the command channel. */
enum {
  command_spawn = 1,
  command_kill = 2,
  command_hold = 3,
  command_take = 4,
  command_release = 5,
  command_attach = 6,
  command_detach = 7,
  command_report = 8,
  command_settle = 9,
  command_finish = 10,
  command_names = 11,
  command_child = 12,
};

struct reader {
  const uint8_t *at;
  size_t left;
  bool broken;
};

uint8_t read_u8(struct reader *reader);
uint32_t read_u32(struct reader *reader);
uint64_t read_u64(struct reader *reader);
/* Points into the bytes; "" when it is broken. */
const char *read_string(struct reader *reader);
/* As a string, but any bytes, and no zero after them. */
const uint8_t *read_blob(struct reader *reader, size_t *length);

/* Writes as long as there is room; `broken` when there was not. */
struct writer {
  uint8_t *at;
  size_t left;
  bool broken;
};

void write_u8(struct writer *writer, uint8_t value);
void write_u32(struct writer *writer, uint32_t value);
void write_u64(struct writer *writer, uint64_t value);
void write_string(struct writer *writer, const char *string);

struct link_message {
  uint32_t length, client;
  uint8_t type;
};

struct link_message read_link_head(const uint8_t *head);
void write_link_head(uint8_t *head, struct link_message message);

#endif
