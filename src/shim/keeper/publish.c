#include "publish.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "ttrpc.h"

/*
 * Blocks for two seconds at most. There is no brain to be kept waiting, and output waits as it does for a slow reader.
 */
bool publish(const char *path, const uint8_t *frame, size_t length) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  const struct timeval patience = {.tv_sec = 2};
  uint8_t head[ttrpc_head];
  if (strlen(path) >= sizeof address.sun_path) return false;
  strcpy(address.sun_path, path);
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  bool done = connect(descriptor, (const struct sockaddr *)&address, sizeof address) == 0;
  while (done && length > 0) {
    const ssize_t count = send(descriptor, frame, length, MSG_NOSIGNAL);
    done = count > 0;
    if (!done) break;
    frame += count;
    length -= (size_t)count;
  }
  done = done && recv(descriptor, head, sizeof head, MSG_WAITALL) == (ssize_t)sizeof head &&
         read_head(head).type == ttrpc_response;
  close(descriptor);
  return done;
}
