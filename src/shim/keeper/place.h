/*
 * The keeper's place among the shims: its socket's file, and its end.
 */
#ifndef RXSHIM_PLACE_H
#define RXSHIM_PLACE_H

/* The path at which the keeper listens. */
void take_place_at(const char *path);
/* From now on another keeper may take it. */
void give_up_place(void);
/* Ends the keeper once the answers that are left are written, or after two seconds. */
void leave_when_flushed(void);

#endif
