/*
 * Descriptors that the keeper holds under a name, so that they outlive the brain.
 */
#ifndef RXSHIM_STORE_H
#define RXSHIM_STORE_H

/* Takes the descriptor over. Answers an errno: EEXIST for a name in use. */
int store_hold(const char *name, int descriptor);
/* The descriptor, which stays held; -1 for none. */
int store_find(const char *name);
/* Closes what is held under the name, if anything. */
void store_release(const char *name);
void store_tell(void);

#endif
