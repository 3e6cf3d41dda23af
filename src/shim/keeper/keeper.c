#include "keeper.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "brain.h"
#include "clients.h"
#include "deposits.h"
#include "exits.h"
#include "loop.h"
#include "place.h"

enum { listener_descriptor = 3, own_listener = 16 };

_Noreturn void run_keeper(char **words) {
  signal(SIGPIPE, SIG_IGN);
  /* Its number is one that the brain gets. */
  const int listener = fcntl(listener_descriptor, F_DUPFD_CLOEXEC, own_listener);
  close(listener_descriptor);
#ifndef CLOSE_RANGE_CLOEXEC
  enum { CLOSE_RANGE_CLOEXEC = 4 };
#endif
  /* What was left open to the keeper must not reach a container. */
  syscall(SYS_close_range, listener_descriptor, ~0U, CLOSE_RANGE_CLOEXEC);
  take_place_at(words[0]);
  deposits_publish_to(words[1]);
  loop_open();
  exits_open();
  clients_listen(listener);
  brain_start(words + 2);
  loop_run();
}
