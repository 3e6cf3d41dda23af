#include "loop.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../launcher/base/clock.h"
#include "../launcher/base/failure.h"

static int poller = -1;
static struct timer *timers;

void loop_open(void) {
  poller = epoll_create1(EPOLL_CLOEXEC);
  if (poller < 0) fail("cannot make an epoll descriptor: %s", strerror(errno));
}

bool loop_watch(struct watch *watch, uint32_t events) {
  if (watch->added && watch->events == events) return true;
  struct epoll_event event = {.events = events, .data.ptr = watch};
  /* One that waits for nothing is taken out: a connection that was reset would be reported without end. */
  if (events == 0) {
    loop_forget(watch);
    return true;
  }
  if (epoll_ctl(poller, watch->added ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, watch->descriptor, &event) != 0) return false;
  watch->added = true;
  watch->events = events;
  return true;
}

void loop_forget(struct watch *watch) {
  if (watch->added) epoll_ctl(poller, EPOLL_CTL_DEL, watch->descriptor, NULL);
  watch->added = false;
  watch->events = 0;
}

void loop_cancel(struct timer *timer) {
  for (struct timer **place = &timers; *place != NULL; place = &(*place)->next) {
    if (*place != timer) continue;
    *place = timer->next;
    break;
  }
  timer->set = false;
}

void loop_after(struct timer *timer, long milliseconds) {
  loop_cancel(timer);
  timer->at = now() + milliseconds;
  timer->set = true;
  struct timer **place = &timers;
  while (*place != NULL && (*place)->at <= timer->at) place = &(*place)->next;
  timer->next = *place;
  *place = timer;
}

static int until_next(void) {
  if (timers == NULL) return -1;
  const long left = timers->at - now();
  return left < 0 ? 0 : left > 1000000 ? 1000000 : (int)left;
}

static void fire_due(void) {
  while (timers != NULL && timers->at <= now()) {
    struct timer *timer = timers;
    loop_cancel(timer);
    timer->fire(timer);
  }
}

_Noreturn void loop_run(void) {
  for (;;) {
    struct epoll_event event;
    const int count = epoll_wait(poller, &event, 1, until_next());
    if (count < 0 && errno != EINTR) fail("cannot wait for events: %s", strerror(errno));
    if (count == 1) {
      struct watch *watch = event.data.ptr;
      watch->ready(watch, event.events);
    }
    fire_due();
  }
}
