#include "store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "brain.h"
#include "wire.h"

enum { most_held = 16384 };

struct held {
  struct held *next;
  int descriptor;
  char name[];
};

static struct held *all_held;
static unsigned count;

static struct held **place_of(const char *name) {
  struct held **place = &all_held;
  while (*place != NULL && strcmp((*place)->name, name) != 0) place = &(*place)->next;
  return place;
}

int store_hold(const char *name, int descriptor) {
  int why = 0;
  struct held *held = NULL;
  if (name[0] == '\0' || strlen(name) > name_largest) why = EINVAL;
  else if (*place_of(name) != NULL) why = EEXIST;
  else if (count == most_held) why = ENOSPC;
  else if ((held = malloc(sizeof *held + strlen(name) + 1)) == NULL) why = ENOMEM;
  if (why != 0) {
    close(descriptor);
    return why;
  }
  *held = (struct held){.next = all_held, .descriptor = descriptor};
  strcpy(held->name, name);
  all_held = held;
  count++;
  return 0;
}

int store_find(const char *name) {
  const struct held *held = *place_of(name);
  return held == NULL ? -1 : held->descriptor;
}

void store_release(const char *name) {
  struct held **place = place_of(name), *held = *place;
  if (held == NULL) return;
  *place = held->next;
  close(held->descriptor);
  free(held);
  count--;
}

void store_tell(void) {
  for (const struct held *held = all_held; held != NULL; held = held->next) {
    uint8_t bytes[name_largest + 16];
    struct writer writer = {.at = bytes, .left = sizeof bytes};
    write_string(&writer, held->name);
    brain_send(to_brain_held, 0, bytes, sizeof bytes - writer.left);
  }
}
