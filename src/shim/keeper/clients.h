/*
 * The connections of containerd: frames in, kept until they are answered, and answers out.
 *
 * A request is kept from its last byte until its answer has come, whatever becomes of the brain meanwhile. What a client may
 * take of the keeper's memory is bounded: requests in flight, and answers that it does not read.
 */
#ifndef RXSHIM_CLIENTS_H
#define RXSHIM_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ttrpc.h"

void clients_listen(int listener);
/* Accepts nothing more. */
void clients_stop_listening(void);
/* A brain is there, and knows of no client: it gets them all, with the requests that are not answered. */
void clients_brain_ready(void);
/* There is none any more. */
void clients_brain_gone(void);
/* The link to the brain takes more, or does not. */
void clients_link_open(bool open);
/* An answer of the brain. One to a client that has gone is dropped. */
void clients_answer(uint32_t id, const uint8_t *frame, size_t length);
void clients_drop(uint32_t id);
/* While no brain can be started: asks `answer` about each request in flight, which sends what there is to say. */
typedef bool answer_call(uint32_t client, uint32_t stream, const struct ttrpc_call *call);
void clients_answer_by(answer_call *answer);
/* True when no answer waits to be written. */
bool clients_flushed(void);

#endif
