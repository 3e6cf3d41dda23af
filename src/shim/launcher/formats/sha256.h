/* SHA-256 (FIPS 180-4). */
#ifndef RXSHIM_SHA256_H
#define RXSHIM_SHA256_H

#include "../base/text.h"

/* In hexadecimal digits. */
void sha256(struct text message, char digest[65]);

#endif
