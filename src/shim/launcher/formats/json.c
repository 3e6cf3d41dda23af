#include "json.h"

#include <stdint.h>
#include <string.h>

struct reader {
  const char *at, *end;
};

/* As deep as Go's own decoder goes. */
enum { deepest = 10000 };

static bool skip_value(struct reader *reader, unsigned depth);

static void skip_space(struct reader *reader) {
  while (reader->at < reader->end &&
         (*reader->at == ' ' || *reader->at == '\n' || *reader->at == '\t' || *reader->at == '\r'))
    reader->at++;
}

static bool take(struct reader *reader, char expected) {
  skip_space(reader);
  if (reader->at == reader->end || *reader->at != expected) return false;
  reader->at++;
  return true;
}

static bool take_word(struct reader *reader, const char *word) {
  const size_t length = strlen(word);
  if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0) return false;
  reader->at += length;
  return true;
}

static bool is_digit(const struct reader *reader) {
  return reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9';
}

static bool skip_digits(struct reader *reader) {
  if (!is_digit(reader)) return false;
  while (is_digit(reader)) reader->at++;
  return true;
}

static bool is_at(const struct reader *reader, char one, char other) {
  return reader->at < reader->end && (*reader->at == one || *reader->at == other);
}

static bool skip_number(struct reader *reader) {
  if (is_at(reader, '-', '-')) reader->at++;
  if (is_at(reader, '0', '0'))
    reader->at++;
  else if (!skip_digits(reader))
    return false;
  if (is_at(reader, '.', '.')) {
    reader->at++;
    if (!skip_digits(reader)) return false;
  }
  if (is_at(reader, 'e', 'E')) {
    reader->at++;
    if (is_at(reader, '+', '-')) reader->at++;
    return skip_digits(reader);
  }
  return true;
}

static int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

static bool take_unit(struct reader *reader, uint32_t *unit) {
  if (reader->end - reader->at < 4) return false;
  *unit = 0;
  for (int count = 0; count < 4; count++) {
    const int digit = hex_digit(*reader->at++);
    if (digit < 0) return false;
    *unit = *unit << 4 | (uint32_t)digit;
  }
  return true;
}

static char *put_utf8(char *to, uint32_t code) {
  if (code < 0x80) {
    *to++ = (char)code;
    return to;
  }
  if (code < 0x800) {
    *to++ = (char)(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      *to++ = (char)(0xe0 | code >> 12);
    } else {
      *to++ = (char)(0xf0 | code >> 18);
      *to++ = (char)(0x80 | (code >> 12 & 0x3f));
    }
    *to++ = (char)(0x80 | (code >> 6 & 0x3f));
  }
  *to++ = (char)(0x80 | (code & 0x3f));
  return to;
}

static bool is_surrogate(uint32_t unit, uint32_t first) { return unit >= first && unit < first + 0x400; }

/* A character in hexadecimal digits, which may be two surrogates; half a pair is no character, as in Go. */
static bool take_code(struct reader *reader, char **to) {
  uint32_t unit, second;
  if (!take_unit(reader, &unit)) return false;
  if (is_surrogate(unit, 0xd800)) {
    struct reader ahead = *reader;
    if (take_word(&ahead, "\\u") && take_unit(&ahead, &second) && is_surrogate(second, 0xdc00)) {
      *reader = ahead;
      unit = 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00);
    } else {
      unit = 0xfffd;
    }
  } else if (is_surrogate(unit, 0xdc00)) {
    unit = 0xfffd;
  }
  *to = put_utf8(*to, unit);
  return true;
}

static bool take_escape(struct reader *reader, char **to) {
  static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  if (reader->at == reader->end) return false;
  const char name = *reader->at++;
  if (name == 'u') return take_code(reader, to);
  const char *known = memchr(names, name, sizeof names - 1);
  if (known == NULL) return false;
  *(*to)++ = meanings[known - names];
  return true;
}

/* Finds the end of a text, without looking into it; its opening quotes are behind the reader. */
static bool skip_text(struct reader *reader, bool *escapes) {
  for (; reader->at < reader->end; reader->at++) {
    const unsigned char byte = (unsigned char)*reader->at;
    if (byte == '"') {
      reader->at++;
      return true;
    }
    if (byte < 0x20) return false;
    if (byte == '\\') {
      *escapes = true;
      if (++reader->at == reader->end) return false;
    }
  }
  return false;
}

/* `text` may be NULL when only its being well-formed matters. */
static bool take_text(struct reader *reader, struct text *text) {
  bool escapes = false;
  if (!take(reader, '"')) return false;
  struct reader inner = {reader->at, NULL};
  if (!skip_text(reader, &escapes)) return false;
  inner.end = reader->at - 1;
  if (!escapes) {
    if (text != NULL) *text = (struct text){inner.at, (size_t)(inner.end - inner.at)};
    return true;
  }
  /* No escape is shorter than what it stands for. */
  char scratch[8];
  char *const decoded = text == NULL ? scratch : allocate((size_t)(inner.end - inner.at));
  char *to = decoded;
  while (inner.at < inner.end) {
    if (text == NULL) to = scratch;
    if (*inner.at != '\\') {
      *to++ = *inner.at++;
      continue;
    }
    inner.at++;
    if (!take_escape(&inner, &to)) return false;
  }
  if (text != NULL) *text = (struct text){decoded, (size_t)(to - decoded)};
  return true;
}

typedef bool take_member(struct reader *reader, struct text key, void *context);

/* Hands each member to `member`, which must read its value. The opening brace is behind the reader. */
static bool take_members(struct reader *reader, take_member *member, void *context) {
  if (take(reader, '}')) return true;
  do {
    struct text key;
    if (!take_text(reader, &key) || !take(reader, ':')) return false;
    skip_space(reader);
    if (!member(reader, key, context)) return false;
  } while (take(reader, ','));
  return take(reader, '}');
}

static bool skip_members(struct reader *reader, unsigned depth) {
  if (take(reader, '}')) return true;
  do {
    if (!take_text(reader, NULL) || !take(reader, ':') || !skip_value(reader, depth)) return false;
  } while (take(reader, ','));
  return take(reader, '}');
}

static bool skip_elements(struct reader *reader, unsigned depth) {
  if (take(reader, ']')) return true;
  do {
    if (!skip_value(reader, depth)) return false;
  } while (take(reader, ','));
  return take(reader, ']');
}

static bool skip_value(struct reader *reader, unsigned depth) {
  skip_space(reader);
  if (reader->at == reader->end || depth == deepest) return false;
  switch (*reader->at) {
    case '{':
      reader->at++;
      return skip_members(reader, depth + 1);
    case '[':
      reader->at++;
      return skip_elements(reader, depth + 1);
    case '"':
      return take_text(reader, NULL);
    case 't':
      return take_word(reader, "true");
    case 'f':
      return take_word(reader, "false");
    case 'n':
      return take_word(reader, "null");
    default:
      return skip_number(reader);
  }
}

struct wanted {
  const char *const *names;
  struct text *values;
};

static bool take_annotation(struct reader *reader, struct text key, void *context) {
  const struct wanted *wanted = context;
  for (size_t at = 0; wanted->names[at] != NULL; at++) {
    if (!text_is(key, wanted->names[at])) continue;
    wanted->values[at] = (struct text){"", 0};
    if (is_at(reader, '"', '"')) return take_text(reader, &wanted->values[at]);
  }
  return skip_value(reader, 2);
}

static bool take_top(struct reader *reader, struct text key, void *context) {
  if (!text_is(key, "annotations") || !is_at(reader, '{', '{')) return skip_value(reader, 1);
  reader->at++;
  return take_members(reader, take_annotation, context);
}

bool read_annotations(struct text json, const char *const *names, struct text *values) {
  struct reader reader = {json.at, json.at + json.length};
  struct wanted wanted = {names, values};
  for (size_t at = 0; names[at] != NULL; at++) values[at] = (struct text){"", 0};
  if (!take(&reader, '{') || !take_members(&reader, take_top, &wanted)) return false;
  skip_space(&reader);
  return reader.at == reader.end;
}
