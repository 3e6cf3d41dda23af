/*
 * Puts the calling process into a cgroup: with version 1 in every hierarchy that has it, else in the one of version 2.
 * Fails where none has it.
 */
#ifndef RXSHIM_CGROUP_H
#define RXSHIM_CGROUP_H

void enter_cgroup(const char *path);

#endif
