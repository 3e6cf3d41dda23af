/*
 * Throws bytes at everything of the keeper that reads what another process has sent: frames and requests of ttrpc, messages
 * of the link, deposits, commands. To be built with -fsanitize=address,undefined.
 *
 *     keeper-fuzz SECONDS SEED
 *
 * Inputs grow out of valid ones: bytes are flipped, lengths replaced, ends cut off, pieces doubled. It ends with 0 when
 * nothing was found; a sanitizer ends it otherwise.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../../src/shim/keeper/commands.h"
#include "../../../src/shim/keeper/deposits.h"
/* With its way to note an exit. */
#include "../../../src/shim/keeper/exits.c"
#include "../../../src/shim/keeper/loop.h"
#include "../../../src/shim/keeper/ttrpc.h"
#include "../../../src/shim/keeper/wire.h"

enum { largest_input = 4096 };

static uint64_t state;

static uint32_t chance(uint32_t below) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 20) % below;
}

static size_t seed_call(uint8_t *to) {
  static const char call[] = "\x0a\x17" "containerd.task.v2.Task" "\x12\x04" "Kill" "\x1a\x0c\x0a\x02" "c1" "\x12\x02" "e1" "\x18\x09\x20\x01";
  memcpy(to, call, sizeof call - 1);
  return sizeof call - 1;
}

static size_t seed_deposit(uint8_t *to) {
  struct writer writer = {.at = to, .left = largest_input};
  write_u8(&writer, (uint8_t)(1 + chance(4)));
  write_u32(&writer, 1 + chance(3));
  write_u64(&writer, chance(3));
  for (int at = 0; at < 3; at++) write_u32(&writer, chance(2) ? 0xffffffff : chance(24));
  write_string(&writer, chance(2) ? "Wait" : "State");
  write_string(&writer, chance(2) ? "c1" : "");
  write_string(&writer, "");
  write_string(&writer, "0123456789012345678901234567");
  return largest_input - writer.left;
}

static size_t seed_command(uint8_t *to) {
  static const char *const names[] = {"c1/stdout", "c1/e1/stderr", "", "x"};
  const uint8_t command = (uint8_t)(1 + chance(13));
  struct writer writer = {.at = to, .left = largest_input};
  write_u8(&writer, command);
  if (command == command_spawn) {
    write_string(&writer, "tag");
    write_string(&writer, "/");
    write_string(&writer, chance(8) ? "/does/not/exist" : "/bin/true");
    write_u32(&writer, 0xffffffff);
    write_u8(&writer, (uint8_t)chance(2));
    write_u64(&writer, 0);
    for (int list = 0; list < 2; list++) {
      const uint32_t words = chance(4);
      write_u32(&writer, words);
      for (uint32_t at = 0; at < words; at++) write_string(&writer, "A=b");
    }
    write_u8(&writer, (uint8_t)chance(8));
  } else if (command == command_kill || command == command_child) {
    write_u32(&writer, chance(1000));
    write_u32(&writer, 0);
  } else {
    write_string(&writer, names[chance(4)]);
    write_u8(&writer, (uint8_t)chance(2));
    write_u32(&writer, 1000);
  }
  return largest_input - writer.left;
}

static size_t mutated(uint8_t *bytes, size_t length) {
  for (uint32_t left = chance(4); left > 0 && length > 0; left--) {
    const size_t at = chance((uint32_t)length);
    switch (chance(5)) {
      case 0:
        bytes[at] ^= (uint8_t)(1 << chance(8));
        break;
      case 1:
        bytes[at] = (uint8_t)chance(256);
        break;
      case 2:
        length = at;
        break;
      case 3:
        if (length - at >= 4) memset(bytes + at, chance(2) ? 0xff : 0, 4);
        break;
      default:
        if (length * 2 - at <= largest_input) {
          memmove(bytes + length, bytes + at, length - at);
          length += length - at;
        }
    }
  }
  return length;
}

/* Whatever is read has to lie within what was given: an exact copy on the heap lets the sanitizer see it. */
static uint8_t *exact(const uint8_t *bytes, size_t length) {
  uint8_t *copy = malloc(length > 0 ? length : 1);
  memcpy(copy, bytes, length);
  return copy;
}

static void one_call(const uint8_t *bytes, size_t length) {
  struct ttrpc_call call;
  volatile size_t seen = 0;
  if (!read_call((struct text){(const char *)bytes, length}, &call)) return;
  const struct text texts[] = {call.service, call.method, call.id, call.exec};
  for (int text = 0; text < 4; text++)
    for (size_t at = 0; at < texts[text].length; at++) seen += (size_t)texts[text].at[at];
}

static void one_command(const uint8_t *bytes, size_t length) {
  static uint8_t answer[65536];
  struct attached attached = {.count = chance(4)};
  int sent, ends[2];
  for (size_t at = 0; at < attached.count; at++) {
    if (pipe2(ends, O_CLOEXEC) != 0) exit(2);
    attached.descriptors[at] = ends[at % 2];
    close(ends[1 - at % 2]);
  }
  carry_out(bytes, length, &attached, answer, sizeof answer, &sent);
  while (waitpid(-1, NULL, WNOHANG) > 0) continue;
}

int main(int word_count, char **words) {
  if (word_count != 3) return 2;
  const time_t end = time(NULL) + atoi(words[1]);
  unsigned long rounds = 0;
  state = strtoull(words[2], NULL, 10) * 2654435761u + 88172645463325252ull;
  signal(SIGPIPE, SIG_IGN);
  loop_open();
  /* For the places of deposits. */
  for (pid_t pid = 1; pid <= 3; pid++) add(pid, (int)pid << 8);
  while (time(NULL) < end || rounds < 1000) {
    uint8_t bytes[largest_input];
    const uint32_t kind = chance(4);
    size_t length = kind == 0 ? seed_call(bytes) : kind == 1 ? seed_deposit(bytes) : seed_command(bytes);
    length = mutated(bytes, length);
    uint8_t *copy = exact(bytes, length);
    struct reader reader = {.at = copy, .left = length};
    if (kind == 0) one_call(copy, length);
    else if (kind == 1) deposit(&reader);
    else one_command(copy, length);
    if (chance(64) == 0) {
      struct reader all = {.at = (const uint8_t *)"\0\0\0\2c1\0\0\0\0\0\0\1", .left = 13};
      withdraw(&all);
    }
    if (kind == 1) deposits_exits_changed();
    free(copy);
    rounds++;
  }
  printf("%lu inputs\n", rounds);
  return 0;
}
