/*
 * The command channel: each command of the brain is one packet, with the descriptors that belong to it, and so is its answer,
 * which comes at once. So the brain can ask in the midst of its own work, as it would make a system call.
 */
#ifndef RXSHIM_COMMANDS_H
#define RXSHIM_COMMANDS_H

#include <stddef.h>
#include <stdint.h>

void commands_open(int descriptor);
void commands_close(void);

/* What came with a command. Descriptors that are taken over are set to -1; the others are closed. */
struct attached {
  int descriptors[4];
  size_t count;
};

/* Carries a command out: writes the answer, whose length it returns. `*sent` is a descriptor to go with it, or -1. */
size_t carry_out(const uint8_t *command, size_t length, struct attached *attached, uint8_t *answer, size_t room,
                 int *sent);

#endif
