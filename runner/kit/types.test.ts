import { expect, test } from 'vitest'
import {
  assignment,
  choice,
  day,
  duration,
  httpUrl,
  integer,
  moment,
  semver,
  share,
  wordList,
} from './types.ts'
import type { ValueType } from './types.ts'

test.each<[string, ValueType<unknown>, string, unknown]>([
  ['a duration', duration(), '1.5s', 1500],
  ['an integer', integer(0, 10), '10', 10],
  ['a percentage', share, '5%', 0.05],
  ['a share', share, '0.05', 0.05],
  ['an address', httpUrl, 'http://127.0.0.1:1/', 'http://127.0.0.1:1'],
  ['a version', semver, '1.4.0-rc.1', '1.4.0-rc.1'],
  ['a day', day, '2026-02-28', '2026-02-28'],
  ['a time', moment, '2026-11-21T09:00:00Z', Date.UTC(2026, 10, 21, 9)],
  ['a word', choice(['a', 'b']), 'b', 'b'],
  ['words', wordList(['a', 'b']), 'b, a', ['b', 'a']],
  ['a pair', assignment, 'a=b=c', ['a', 'b=c']],
])('%s is read to its value', (_, type, text, value) => {
  expect(type.read(text)).toEqual({ ok: true, value })
})

test.each<[ValueType<unknown>, string[]]>([
  [duration({ max: 3_600_000 }), ['30', '0s', '61m', '-1s', '']],
  [integer(0, 10), ['-1', '1.5', '1e2', '11', '']],
  [share, ['0%', '101%', '1.1', 'x', '']],
  [httpUrl, ['localhost:1', 'ftp://host/x', '']],
  [semver, ['1.4', 'v1.4.0', '1.04.0', '']],
  [day, ['2026-02-30', '21.11.2026', '']],
  [moment, ['09:00', 'tomorrow', '']],
  [choice(['a', 'b']), ['A', 'constructor', '']],
  [wordList(['a']), ['a,b']],
  [assignment, ['a', '=b', '']],
])('what does not fit is refused with what was expected', (type, texts) => {
  for (const text of texts)
    expect([text, type.read(text)]).toEqual([
      text,
      { ok: false, problem: expect.objectContaining({ message: expect.stringMatching(/\w/) as string }) },
    ])
})
