/*
 * Values of the annotations at the top of a JSON document, and nothing else of it: objects of that name further down
 * and texts that look like one do not count. The whole document is read, so what is no JSON is known as such.
 */
#ifndef RXSHIM_JSON_H
#define RXSHIM_JSON_H

#include <stdbool.h>

#include "../base/text.h"

/*
 * Finds the annotations `names`, which end with NULL, and puts the text of each into `values`; empty for what is not
 * there or no text. Of two with one name the last counts. False for what is no JSON object.
 */
bool read_annotations(struct text json, const char *const *names, struct text *values);

#endif
