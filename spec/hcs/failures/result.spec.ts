import { describe, expect, it } from '@jest/globals';
import { hcsEventText, parseHcsResult } from '../../../src/hcs/failures/result.js';

describe('parseHcsResult', () => {
  it('reads a whole document', () => {
    const document = {
      Error: -1070137073,
      ErrorMessage: 'bad configuration',
      ErrorEvents: [
        {
          Message: 'first',
          StackTrace: 'at a',
          Provider: 'p-1',
          EventId: 65535,
          Flags: 4294967295,
          Source: 'vmms',
        },
        { Message: 'second' },
      ],
    };
    expect(parseHcsResult(JSON.stringify(document))).toStrictEqual({
      error: -1070137073,
      message: 'bad configuration',
      events: [
        {
          message: 'first',
          stackTrace: 'at a',
          provider: 'p-1',
          eventId: 65535,
          flags: 4294967295,
          source: 'vmms',
        },
        { message: 'second' },
      ],
    });
  });

  it.each([
    '',
    undefined,
    null,
    '{}',
    '{"Error":0,"ErrorMessage":"","ErrorEvents":[]}',
    '{"ErrorEvents":null}',
  ])('finds nothing said in %p', (text) => {
    expect(parseHcsResult(text)).toStrictEqual({ events: [] });
  });

  it.each(['{', 'E_FAIL', 'null', '[]', '5', '"text"', '\u0000'])('cannot read %j, and says so', (text) => {
    expect(parseHcsResult(text)).toBeUndefined();
  });

  it.each([
    ['fields of the wrong type', '{"Error":"5","ErrorMessage":7,"ErrorEvents":{"0":{}}}', { events: [] }],
    ['numbers that are not whole', '{"Error":1.5}', { events: [] }],
    [
      'events that are none',
      '{"ErrorEvents":[null,5,"x",[],{"Message":"m"}]}',
      { events: [{ message: 'm' }] },
    ],
    ['an event without words', '{"ErrorEvents":[{"EventId":3}]}', { events: [{ message: '', eventId: 3 }] }],
    ['events with odd fields', '{"ErrorEvents":[{"Message":1,"Flags":"2"}]}', { events: [{ message: '' }] }],
    ['fields it does not know', '{"Error":-1,"Attribution":[{}]}', { error: -1, events: [] }],
  ])('makes the best of %s', (_, text, expected) => {
    expect(parseHcsResult(text)).toStrictEqual(expected);
  });
});

describe('hcsEventText', () => {
  it.each([
    [{ message: 'it broke' }, '[Event Detail: it broke]'],
    [{ message: '' }, '[Event Detail: ]'],
    [{ message: 'm', eventId: 0, flags: 0, source: '' }, '[Event Detail: m]'],
    [{ message: 'm', stackTrace: 'at a' }, '[Event Detail: m Stack Trace: at a]'],
    [
      { message: 'm', stackTrace: 's', provider: 'p', eventId: 7, flags: 1, source: 'x' },
      '[Event Detail: m Stack Trace: s Provider: p EventID: 7 flags: 1 Source: x]',
    ],
  ])('puts %j on one line', (event, text) => {
    expect(hcsEventText(event)).toBe(text);
  });
});
