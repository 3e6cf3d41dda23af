/*
 * The loop of the keeper: descriptors that become ready, and timers. One thread; nothing in it waits for anything else.
 *
 * Events are taken one at a time, so a callback may forget and free any watch, its own as well.
 */
#ifndef RXSHIM_LOOP_H
#define RXSHIM_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

struct watch {
  int descriptor;
  void (*ready)(struct watch *watch, uint32_t events);
  /* What is waited for; for the loop alone. */
  uint32_t events;
  bool added;
};

struct timer {
  void (*fire)(struct timer *timer);
  long at;
  struct timer *next;
  bool set;
};

void loop_open(void);
/* Waits for these events from now on; 0 for none. False when the descriptor cannot be waited for. */
bool loop_watch(struct watch *watch, uint32_t events);
/* Before the descriptor is closed. */
void loop_forget(struct watch *watch);
/* Fires once, after so many milliseconds; set again, the former time is void. */
void loop_after(struct timer *timer, long milliseconds);
void loop_cancel(struct timer *timer);
_Noreturn void loop_run(void);

#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#endif
