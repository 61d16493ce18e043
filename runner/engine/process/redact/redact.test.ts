import { describe, expect, test } from 'vitest'
import { excerpt, redactText, redactValue, redactor } from './redact.ts'
import { secretProblem } from './secret-forms.ts'
import { encodings, redactInChunks } from '../../../../test/support/redaction.ts'

test('a secret cut at any place is redacted', () => {
  const secret = 'correct-horse-battery'
  const text = Buffer.from(`before ${secret} after`)
  for (let cut = 0; cut <= text.length; cut++) {
    const chunks = [text.subarray(0, cut), text.subarray(cut)]
    expect(redactInChunks(chunks, [secret])).toBe('before [redacted] after')
  }
})

test('a secret after a line that ends in an open escape is redacted, wherever it is cut', () => {
  const text = Buffer.from('x&\n%2Fcorrect-horse')
  for (let cut = 0; cut <= text.length; cut++) {
    const bytes = [...text.subarray(cut)].map((byte) => Buffer.from([byte]))
    expect(redactInChunks([text.subarray(0, cut), ...bytes], ['/correct-horse'])).toBe('x&\n[redacted]')
  }
})

describe('ordinary text is left alone', () => {
  const ordinary = [
    'Deploying version 1.4.0 to production: 12 of 12 pods ready.',
    '{"status":"ok","items":[1,2,3],"path":"/etc/hosts"}',
    '-----BEGIN CERTIFICATE-----',
    '    indented = true;  // ----  ====  ....  $1 $& \\d+ [a-z]*',
    'a a a a aa aaa\n\n\n\t\t\n%20%2F&amp;',
    'deadbeef 0123456789abcdef QUJD QUJDRA==',
  ].join('\n')

  test.each([
    ['metacharacters', '.*+?[a-z]{3}$&'],
    ['a replacement pattern', "$&$1$'$`"],
    [
      'a key with frame, blank and short lines',
      '-----BEGIN KEY-----\n\n}\n    \nMIIEpAIBAAKCAQEA7\nab\n-----END KEY-----\n',
    ],
    ['JSON over lines', '{\n  "token": "s3cr3t-value",\n  "n": 1\n}'],
    ['white space around', '   hunter2hunter2   '],
    ['bytes that look like hex', 'deadbeefcafe'],
    ['one letter repeated', 'aaaaaaaa'],
    ['a quote and a backslash', `it's\\"quoted"`],
    ['text of another script', 'пароль-密码'],
  ])('although the secret is %s', (_, secret) => {
    expect(redactText(ordinary, [secret])).toBe(ordinary)
    expect(redactText(`x ${secret} y`, [secret])).not.toContain(secret.trim())
  })
})

test.each([20, 12, 5])(
  'of a text that was cut within a secret, after %i of its characters, nothing is left',
  (length) => {
    const secret = 'hunter2hunter2hunter2hunter2'
    const base64 = Buffer.from(secret).toString('base64')
    for (const form of [secret, encodeURIComponent(secret), base64])
      expect(excerpt(`before ${form.slice(0, length)}`, 4000, [secret], true)).toBe('before ')
    expect(excerpt(`before ${secret} after`, 4000, [secret], true)).toBe('before [redacted] after')
  },
)

test('a line is not held back because its last sign may begin an escape', () => {
  for (const line of ['Done 100%\n', 'sleep 1 &\n', 'curl \\\n']) {
    const redact = redactor(['hunter2hunter2'])
    expect(redact.push(Buffer.from(line)).toString()).toBe(line)
  }
})

test.each([`it's "it"`, '<a&b>'])('the short secret %s is found in HTML, SQL and CSV', (secret) => {
  const html = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  for (const form of [
    html.replaceAll('"', '&quot;').replaceAll("'", '&#39;'),
    html.replaceAll('"', '&#34;').replaceAll("'", '&#39;'),
    secret.replaceAll("'", "''"),
    secret.replaceAll('"', '""'),
  ])
    expect(redactText(`a ${form} b`, [secret])).toBe('a [redacted] b')
})

test('what is kept back is kept, although the next chunk is read into the same memory', () => {
  const secret = 'hunter2hunter2'
  const text = Buffer.from(`a hunt b ${secret}\nline ${secret.slice(0, 9)} c ${secret}\n`)
  for (let size = 1; size < text.length; size++) {
    const redact = redactor([secret])
    const memory = Buffer.alloc(size)
    let out = ''
    for (let at = 0; at < text.length; at += size)
      out += redact.push(memory.subarray(0, text.copy(memory, 0, at, at + size))).toString()
    expect(out + redact.end().toString()).toBe('a hunt b [redacted]\nline hunter2hu c [redacted]\n')
  }
})

test('a prompt is not held back', () => {
  const redact = redactor(['hunter2hunter2'])
  expect(redact.push(Buffer.from('Continue? [y/N] ')).toString()).toBe('Continue? [y/N] ')
  expect(redact.push(Buffer.from('Password: h')).toString()).toBe('Password: ')
  expect(redact.push(Buffer.from('i\n')).toString()).toBe('hi\n')
})

test('a row of digits is not held back, which is longer than a number of one byte', () => {
  const redact = redactor(['hunter2hunter2'])
  expect(redact.push(Buffer.from(`x ${'1'.repeat(2000)}`)).toString()).toHaveLength(2002)
})

test.each([
  ['in quoted-printable whose lines end within it', 'a=3Dhunter2=\r\nhun=74er2 b', 'a=3D[redacted] b'],
  ['in quoted-printable behind signs that begin no escape', 'a==h=hunter2=68unter2 b', 'a==h=[redacted] b'],
  [
    'in base64 of UTF-16 behind a line that ends in a percent sign',
    `100%\n${Buffer.from('hunter2hunter2', 'utf16le').toString('base64')}`,
    '100%\n[redacted]AA==',
  ],
  [
    'in cells behind others',
    '0000000   x   :   h   u   n   t   e   r   2   h   u   n   t   e   r   2\n',
    '0000000   x   :   [redacted]\n',
  ],
])('a secret is found %s, wherever the text is cut', (_, text, expected) => {
  const bytes = Buffer.from(text)
  const outs = Array.from({ length: bytes.length }, (__, cut) =>
    redactInChunks([bytes.subarray(0, cut), bytes.subarray(cut)], ['hunter2hunter2']),
  )
  expect(new Set(outs).size).toBe(1)
  expect(outs[0]).toBe(expected)
})

test('a secret is found in JSON, whose second line begins with a backslash and a space', () => {
  const secret = '&a\n\\ éaa-'
  expect(redactText(JSON.stringify(secret), [secret])).toBe('"[redacted]"')
})

test('overlapping secrets are replaced as one, and leave no rest of either', () => {
  expect(redactText('abcdefghi', ['abcdef', 'defghi'])).toBe('[redacted]')
  expect(redactText('xabcdefgx', ['bcde', 'abcdefg'])).toBe('x[redacted]x')
  expect(redactText('aaaaaaaaaa b', ['aaaa'])).toBe('[redacted] b')
})

test('the time it takes grows with the text, not with its square', () => {
  const adverse = ['a'.repeat(2000), `${'a'.repeat(1000)}b`]
  const time = (size: number): number => {
    const redact = redactor(adverse)
    const chunk = Buffer.from('a'.repeat(4096))
    const began = process.cpuUsage()
    for (let done = 0; done < size; done += chunk.length) redact.push(chunk)
    redact.end()
    return process.cpuUsage(began).user
  }
  time(1_000_000)
  const [small, large] = [time(1_000_000), time(8_000_000)]
  expect(large / Math.max(small, 2000)).toBeLessThan(40)
})

test('values are redacted wherever they stand, and structure is kept', () => {
  const secret = 'status'
  const value = { status: 'the status is', nested: [{ text: 'status' }], outputs: { status: 'x' }, n: 1 }
  expect(redactValue(value, [secret])).toEqual({
    status: 'the [redacted] is',
    nested: [{ text: '[redacted]' }],
    outputs: { '[redacted]': 'x' },
    n: 1,
  })
})

test.each(['abc', '   ', ' ab ', ''])('%j is refused as a secret', (secret) => {
  expect(secretProblem(secret)).toContain('shorter than 4 bytes')
})

test.each(Object.entries(encodings))('the %s form is known', (_, encode) => {
  const secret = 'pä$s/w+rd?&=%~"\\'
  const form = encode(secret)
  expect(redactText(`<${form}>`, [secret])).not.toContain(form)
})

test('a secret is known in the base64 of something longer, wherever it begins there', () => {
  const secret = 'correct-horse-battery'
  for (const before of ['u:', 'me:', 'user:']) {
    const form = Buffer.from(`${before}${secret}@host`).toString('base64')
    const shown = Buffer.from(redactText(form, [secret]).replaceAll(/\[redacted\]/g, ''), 'base64').toString()
    expect(shown).not.toContain('horse')
    expect(shown).not.toContain('battery')
  }
})
