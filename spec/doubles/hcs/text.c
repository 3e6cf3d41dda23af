/* Texts: UTF-16 to UTF-8 and back, and as much of JSON as it takes to read the engine's own documents. */
#include "double.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <objbase.h>
#define caller_alloc(size) CoTaskMemAlloc(size)
#else
#define caller_alloc(size) malloc(size)
#endif

char *formatted(const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, arguments);
  char *text = malloc(length + 1);
  vsnprintf(text, length + 1, format, again);
  va_end(again);
  va_end(arguments);
  return text;
}

static size_t put_utf8(char *to, uint32_t point) {
  if (point < 0x80) return to[0] = (char)point, 1;
  if (point < 0x800) return to[0] = (char)(0xc0 | point >> 6), to[1] = (char)(0x80 | (point & 0x3f)), 2;
  if (point < 0x10000) {
    to[0] = (char)(0xe0 | point >> 12), to[1] = (char)(0x80 | (point >> 6 & 0x3f));
    return to[2] = (char)(0x80 | (point & 0x3f)), 3;
  }
  to[0] = (char)(0xf0 | point >> 18), to[1] = (char)(0x80 | (point >> 12 & 0x3f));
  return to[2] = (char)(0x80 | (point >> 6 & 0x3f)), to[3] = (char)(0x80 | (point & 0x3f)), 4;
}

char *narrow(const WIDE *text) {
  if (text == NULL) return NULL;
  size_t length = 0, used = 0;
  while (text[length]) length++;
  char *result = malloc(length * 3 + 1);
  for (size_t at = 0; at < length; at++) {
    uint32_t point = text[at];
    if (point >= 0xd800 && point < 0xdc00 && text[at + 1] >= 0xdc00)
      point = 0x10000 + ((point - 0xd800) << 10) + (text[++at] - 0xdc00);
    used += put_utf8(result + used, point);
  }
  result[used] = 0;
  return result;
}

WIDE *wide_for_caller(const char *text) {
  if (text == NULL) return NULL;
  WIDE *result = caller_alloc((strlen(text) + 1) * sizeof(WIDE));
  size_t used = 0;
  for (const unsigned char *at = (const unsigned char *)text; *at;) {
    int more = *at >= 0xf0 ? 3 : *at >= 0xe0 ? 2 : *at >= 0xc0 ? 1 : 0;
    uint32_t point = more == 3 ? *at & 7 : more == 2 ? *at & 15 : more == 1 ? *at & 31 : *at;
    for (at++; more > 0 && *at; more--) point = point << 6 | (*at++ & 0x3f);
    if (point >= 0x10000) result[used++] = (WIDE)(0xd800 + ((point - 0x10000) >> 10));
    result[used++] = (WIDE)(point >= 0x10000 ? 0xdc00 + (point & 0x3ff) : point);
  }
  result[used] = 0;
  return result;
}

static const char *blank(const char *at) {
  while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') at++;
  return at;
}

/* After the value that begins here. */
static const char *skip(const char *at) {
  if (*at == '"') {
    for (at++; *at && *at != '"'; at++)
      if (*at == '\\' && at[1]) at++;
    return *at ? at + 1 : at;
  }
  int depth = 0;
  do {
    if (*at == '"') {
      at = skip(at);
      continue;
    }
    if (*at == '{' || *at == '[') depth++;
    if (*at == '}' || *at == ']') depth--;
    if (depth == 0 && (*at == ',' || *at == 0)) return at;
    if (depth < 0) return at;
    at++;
  } while (*at);
  return at;
}

static char *unquoted(const char *at) {
  const char *end = skip(at);
  char *text = malloc(end - at + 1);
  size_t used = 0;
  for (at++; at < end - 1; at++) {
    if (*at != '\\') {
      text[used++] = *at;
      continue;
    }
    switch (*++at) {
      case 'n': text[used++] = '\n'; break;
      case 't': text[used++] = '\t'; break;
      case 'r': text[used++] = '\r'; break;
      case 'b': text[used++] = '\b'; break;
      case 'f': text[used++] = '\f'; break;
      case 'u': {
        char digits[5] = {at[1], at[2], at[3], at[4], 0};
        used += put_utf8(text + used, strtoul(digits, NULL, 16));
        at += 4;
        break;
      }
      default: text[used++] = *at;
    }
  }
  text[used] = 0;
  return text;
}

/* Where the value of a member begins. */
static const char *member(const char *object, const char *name, size_t length) {
  const char *at = blank(object);
  if (*at != '{') return NULL;
  for (at = blank(at + 1); *at == '"'; at = blank(at + 1)) {
    const char *key = at + 1;
    at = blank(skip(at));
    if (*at != ':') return NULL;
    at = blank(at + 1);
    if (strncmp(key, name, length) == 0 && key[length] == '"') return at;
    at = blank(skip(at));
    if (*at != ',') return NULL;
  }
  return NULL;
}

static const char *found(const char *document, const char *path) {
  while (document != NULL) {
    const char *dot = strchr(path, '.');
    document = member(document, path, dot ? (size_t)(dot - path) : strlen(path));
    if (dot == NULL) return document;
    path = dot + 1;
  }
  return NULL;
}

char *json_text(const char *document, const char *path) {
  const char *at = found(document, path);
  return at && *at == '"' ? unquoted(at) : NULL;
}

bool json_flag(const char *document, const char *path) {
  const char *at = found(document, path);
  return at && strncmp(at, "true", 4) == 0;
}

bool json_is_object(const char *document) { return document != NULL && *blank(document) == '{'; }

void json_each_text(const char *document, const char *path, void (*each)(void *, char *, char *), void *to) {
  const char *at = found(document, path);
  if (at == NULL || *at != '{') return;
  for (at = blank(at + 1); *at == '"'; at = blank(at + 1)) {
    char *key = unquoted(at);
    at = blank(blank(skip(at)) + 1);
    char *value = *at == '"' ? unquoted(at) : strdup("");
    each(to, key, value);
    free(key);
    free(value);
    at = blank(skip(at));
    if (*at != ',') return;
  }
}
