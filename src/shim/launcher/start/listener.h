/*
 * The place where the daemon of a group listens: found taken by a live one, or taken here.
 *
 * Of many that start one group at a time exactly one takes the place, and no live daemon ever loses its own. A daemon
 * that ends must remove its socket file before it stops listening, never after: then the file may be another's.
 */
#ifndef RXSHIM_LISTENER_H
#define RXSHIM_LISTENER_H

/* Made with its parents if missing; only for its owner. */
void make_socket_folder(const char *folder);

/*
 * Answers a socket that listens at `path`, for a new daemon, after noting it for removal should anything fail; or -1 when
 * the daemon there has taken the container in.
 */
int listen_or_join(const char *folder, const char *path, const char *id, const char *bundle);

/* Removes the socket of a daemon that was killed, if it is one and no other has taken its place. */
void remove_dead_socket(const char *path);

#endif
