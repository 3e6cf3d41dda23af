/* Time that only goes forward. */
#ifndef RXSHIM_CLOCK_H
#define RXSHIM_CLOCK_H

/* In milliseconds. */
long now(void);
void wait_for(long milliseconds);

#endif
