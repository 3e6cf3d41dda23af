/*
 * Publishes one ready-encoded event to containerd, for a keeper that has no brain.
 */
#ifndef RXSHIM_PUBLISH_H
#define RXSHIM_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `frame` is a whole request of ttrpc. True when containerd has answered within two seconds. */
bool publish(const char *path, const uint8_t *frame, size_t length);

#endif
