#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/failure.h"
#include "../base/text.h"
#include "join.h"

/* How long a daemon may take to leave, and a busy or young one to answer; milliseconds. */
static const long connect_timeout = 5000, answer_within = 10000;
/* Room for one connection of each container that waits for the daemon to be up; the system has a limit of its own. */
enum { backlog = 4096 };

void make_socket_folder(const char *folder) {
  char *path = text_string(text_of(folder));
  for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    if (mkdir(path, 0711) != 0 && errno != EEXIST) fail("cannot make %s: %s", path, strerror(errno));
    *slash = '/';
  }
  if (mkdir(path, 0700) != 0 && errno != EEXIST) fail("cannot make %s: %s", path, strerror(errno));
}

static int lock(const char *folder) {
  const int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail("cannot open %s: %s", folder, strerror(errno));
  while (flock(descriptor, LOCK_EX) != 0)
    if (errno != EINTR) fail("cannot lock %s: %s", folder, strerror(errno));
  return descriptor;
}

static bool fits(const char *path) {
  /* containerd refuses more than that. */
  return strlen(path) <= 106;
}

static struct sockaddr_un address_of(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (!fits(path)) fail("the path of the socket is too long, %zu of at most 106 bytes: %s", strlen(path), path);
  strcpy(address.sun_path, path);
  return address;
}

static int open_socket(int flags) {
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  if (descriptor < 0) fail("cannot make a socket: %s", strerror(errno));
  return descriptor;
}

/* Only with the lock held: between bind and listen it would look stale to others. */
static int take_place(const char *path, const struct sockaddr_un *address) {
  const int descriptor = open_socket(0);
  const mode_t mask = umask(0177);
  const int bound = bind(descriptor, (const struct sockaddr *)address, sizeof *address);
  umask(mask);
  if (bound != 0) fail("cannot bind %s: %s", path, strerror(errno));
  undo_socket(path);
  if (listen(descriptor, backlog) != 0) fail("cannot listen at %s: %s", path, strerror(errno));
  return descriptor;
}

int listen_or_join(const char *folder, const char *path, const char *id, const char *bundle) {
  const struct sockaddr_un address = address_of(path);
  const long begin = now();
  const char *failure = "is leaving and does not go";
  for (;;) {
    const int locked = lock(folder);
    /* Connecting blocks when the backlog is full: not while others wait for the lock. */
    const int connection = open_socket(SOCK_NONBLOCK);
    if (connect(connection, (const struct sockaddr *)&address, sizeof address) != 0) {
      const int why = errno;
      close(connection);
      if (why == ENOENT || why == ECONNREFUSED) {
        if (why == ECONNREFUSED && unlink(path) != 0 && errno != ENOENT)
          fail("cannot remove the stale %s: %s", path, strerror(errno));
        const int listener = take_place(path, &address);
        close(locked);
        return listener;
      }
      if (why != EAGAIN) fail("cannot connect to %s: %s", path, strerror(why));
      failure = "takes no more connections";
      close(locked);
    } else {
      close(locked);
      fcntl(connection, F_SETFL, 0);
      if (join_group(connection, path, id, bundle, begin + answer_within) == joined_group) return -1;
      close(connection);
    }
    if (now() - begin > connect_timeout) fail("the daemon at %s %s", path, failure);
    wait_for(5);
  }
}

/* Whether the other side is gone, or goes within a moment: one that lives says nothing unasked. */
static bool hangs_up(int connection) {
  enum { moment = 100 };
  struct pollfd end = {.fd = connection, .events = POLLIN};
  return poll(&end, 1, moment) > 0 && (end.revents & (POLLHUP | POLLERR)) != 0;
}

void remove_dead_socket(const char *path) {
  struct stat status;
  char *folder = text_string(text_of(path));
  char *slash = strrchr(folder, '/');
  if (slash == NULL || !fits(path) || lstat(path, &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  *slash = '\0';
  const int locked = lock(folder);
  const int connection = open_socket(SOCK_NONBLOCK);
  const struct sockaddr_un address = address_of(path);
  const bool connected = connect(connection, (const struct sockaddr *)&address, sizeof address) == 0;
  /* Of one that is killed the listener is closed after the connection by whose end it was found out. */
  if (connected ? hangs_up(connection) : errno == ECONNREFUSED) unlink(path);
  close(connection);
  close(locked);
}
