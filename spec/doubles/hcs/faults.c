/*
 * What goes wrong on demand: functions that fail, gates that hold them back, tricks with notifications; and counters of
 * everything that is opened and closed.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "double.h"

typedef struct entry {
  char name[64];
  int value;
  int times;
  char *document;
  struct entry *next;
} entry;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t opened = PTHREAD_COND_INITIALIZER;
static entry *faults, *gates, *tricks, *counters;

static entry *named(entry **list, const char *name) {
  for (entry *at = *list; at; at = at->next)
    if (strcmp(at->name, name) == 0) return at;
  entry *made = calloc(1, sizeof *made);
  strncpy(made->name, name, sizeof made->name - 1);
  made->next = *list;
  return *list = made;
}

void count(const char *what, int by) {
  pthread_mutex_lock(&mutex);
  named(&counters, what)->value += by;
  pthread_mutex_unlock(&mutex);
}

static int32_t fault(const char *name, char **document) {
  pthread_mutex_lock(&mutex);
  named(&counters, name)->value++;
  named(&counters, "inFlight")->value++;
  while (named(&gates, name)->value) pthread_cond_wait(&opened, &mutex);
  named(&counters, "inFlight")->value--;
  entry *due = named(&faults, name);
  int32_t status = due->times != 0 ? due->value : OK_;
  if (due->times != 0 && document != NULL && due->document) *document = strdup(due->document);
  if (due->times > 0) due->times--;
  pthread_mutex_unlock(&mutex);
  return status;
}

int32_t enter(const char *function, char **document) {
  count("calls", 1);
  return fault(function, document);
}

int32_t complete_with(const char *function, char **document) {
  char name[64];
  strncpy(name, function, sizeof name - 2);
  name[sizeof name - 2] = 0;
  return fault(strcat(name, "!"), document);
}

bool completion_waits(const char *function) {
  char name[64];
  strncpy(name, function, sizeof name - 2);
  name[sizeof name - 2] = 0;
  pthread_mutex_lock(&mutex);
  bool shut = named(&gates, strcat(name, "!"))->value;
  pthread_mutex_unlock(&mutex);
  return shut;
}

bool trick(const char *name) {
  pthread_mutex_lock(&mutex);
  entry *due = named(&tricks, name);
  bool now = due->times != 0;
  if (due->times > 0) due->times--;
  pthread_mutex_unlock(&mutex);
  return now;
}

/*
 * The next `times` calls of the function (-1: all) answer with this HRESULT and this result document. The name with an
 * exclamation mark stands for the completion of its operation.
 */
EXPORT void CALL DoubleFault(const char *function, int32_t status, const char *document, int32_t times) {
  pthread_mutex_lock(&mutex);
  entry *due = named(&faults, function);
  free(due->document);
  due->value = status;
  due->times = times;
  due->document = document ? strdup(document) : NULL;
  pthread_mutex_unlock(&mutex);
}

/* Shut, calls of the function wait until it is open again. */
EXPORT void CALL DoubleGate(const char *function, int32_t shut) {
  pthread_mutex_lock(&mutex);
  named(&gates, function)->value = shut;
  pthread_cond_broadcast(&opened);
  pthread_mutex_unlock(&mutex);
}

EXPORT void CALL DoubleTrick(const char *name, int32_t times) {
  pthread_mutex_lock(&mutex);
  named(&tricks, name)->times = times;
  pthread_mutex_unlock(&mutex);
}

/*
 * How many there are now: "systems", "processes", "registrations", "operations" (open handles), "children" (processes
 * not reaped). How many there have been: "calls", a function's name, "misuse" (a closed or foreign handle was used).
 */
EXPORT int32_t CALL DoubleCount(const char *what) {
  pthread_mutex_lock(&mutex);
  int32_t value = named(&counters, what)->value;
  pthread_mutex_unlock(&mutex);
  return value;
}

/* No faults, gates or tricks any more. */
EXPORT void CALL DoubleReset(void) {
  pthread_mutex_lock(&mutex);
  for (entry *at = faults; at; at = at->next) at->times = 0;
  for (entry *at = tricks; at; at = at->next) at->times = 0;
  for (entry *at = gates; at; at = at->next) at->value = 0;
  pthread_cond_broadcast(&opened);
  pthread_mutex_unlock(&mutex);
}
