/* Asks the daemon at the other end of a socket to take a container in. */
#ifndef RXSHIM_JOIN_H
#define RXSHIM_JOIN_H

enum joining {
  /* It stays until the container was created, or a while has passed. */
  joined_group,
  /* It is about to end; another may take its place. */
  leaving_group,
};

/* Fails where the other side is no daemon of ours, or does not answer before `deadline` (milliseconds, monotonic). */
enum joining join_group(int socket, const char *path, const char *id, const char *bundle, long deadline);

#endif
