/*
 * The keeper: the process that containerd takes for the shim. It never runs user code, and outlives the brain.
 */
#ifndef RXSHIM_KEEPER_H
#define RXSHIM_KEEPER_H

/* `keeper SOCKET EVENTS BRAIN…`: listens on descriptor 3, whose file is SOCKET; EVENTS is containerd's socket for events. */
_Noreturn void run_keeper(char **words);

#endif
