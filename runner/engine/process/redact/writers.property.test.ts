import fc from 'fast-check'
import { expect, test } from 'vitest'
import { effort } from '../../../../test/support/effort.ts'
import { redactInChunks } from '../../../../test/support/redaction.ts'
import { base32 } from './base32.ts'

/** Writers are named as the tools that write so; each makes text of a value, whole or in lines. */
const bytes = (text: string): Buffer => Buffer.from(text)
const lines = (text: string, width: number, end = '\n'): string =>
  text.replaceAll(new RegExp(`.{${width}}(?=.)`, 'gs'), (line) => line + end)
const unicode = (text: string, some: RegExp, upper = false): string =>
  JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(some, (character) => {
      const hex = character.charCodeAt(0).toString(16).padStart(4, '0')
      return `\\u${upper ? hex.toUpperCase() : hex}`
    })
const pairs = (text: string): string[] => bytes(text).toString('hex').match(/../g) ?? []
const grouped = (cells: readonly string[], count: number): string[][] =>
  Array.from({ length: Math.ceil(cells.length / count) }, (_, row) =>
    cells.slice(row * count, (row + 1) * count),
  )
const shown = (cells: readonly string[]): string =>
  cells
    .map((cell) => String.fromCharCode(Number.parseInt(cell, 16)))
    .join('')
    .replaceAll(/[^ -~]/g, '.')
const dump = (text: string, line: (cells: string[], offset: number) => string): string =>
  grouped(pairs(text), 16)
    .map((cells, row) => line(cells, row * 16))
    .join('\n')
const html = (text: string, more: Record<string, string> = {}): string =>
  text.replaceAll(
    /[&<>"'/]/g,
    (one) =>
      more[one] ?? { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }[one] ?? one,
  )
const offset = (at: number, digits: number, base = 16): string => at.toString(base).padStart(digits, '0')

const base64 = (text: string): string => bytes(text).toString('base64')
const decimal = (cell: string): string => String(Number.parseInt(cell, 16))
const octal = (cell: string): string => Number.parseInt(cell, 16).toString(8).padStart(3, '0')
const odCell = (cell: string): string => {
  const code = Number.parseInt(cell, 16)
  if (code === 10) return String.raw`  \n`
  return (code < 32 || code > 126 ? octal(cell) : String.fromCharCode(code)).padStart(4)
}
const quotedPrintable = (text: string): string =>
  [...bytes(text)]
    .map((byte) =>
      byte > 126 || byte < 32 || byte === 61
        ? `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
        : String.fromCharCode(byte),
    )
    .join('')
    .replaceAll(/(?:=..|[^=]){30}(?=.)/g, (line) => `${line}=\n`)

const encoders: Record<string, (text: string) => string> = {
  'as it is': (text) => text,
  encodeURIComponent: (text) => encodeURIComponent(text),
  'a form': (text) => new URLSearchParams({ v: text }).toString().slice(2),
  'jq @uri': (text) =>
    encodeURIComponent(text).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`),
  encodeURI: (text) => encodeURI(text),
  'every byte as %XX': (text) =>
    pairs(text)
      .map((pair) => `%${pair.toUpperCase()}`)
      .join(''),
  'escaped twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  'JSON of JavaScript': (text) => JSON.stringify(text),
  'JSON of Go': (text) => unicode(text, /[<>&\u2028\u2029]/g),
  'JSON of Rails': (text) => unicode(text, /[<>&\u2028\u2029]/g),
  'JSON of PHP': (text) => unicode(text, /[\u0080-\uffff]/g).replaceAll('/', '\\/'),
  'JSON of PHP with all flags': (text) => unicode(text, /[<>&'\u0080-\uffff]/g, true).replaceAll('/', '\\/'),
  'JSON of Python': (text) => unicode(text, /[\u007f-\uffff]/g),
  'JSON of .NET': (text) => unicode(text, /[<>&'+`\u007f-\uffff]/g, true),
  'JSON in JSON': (text) => JSON.stringify(JSON.stringify(text)),
  'JSON of Go in JSON': (text) => JSON.stringify(unicode(text, /[<>&]/g)),
  'JSON in a URL': (text) => encodeURIComponent(JSON.stringify(text)),
  'a shell word': (text) => `'${text.replaceAll("'", String.raw`'\''`)}'`,
  'printf %q': (text) => text.replaceAll(/[^\w@%+:,./-]/g, (one) => `\\${one}`),
  'bytes of Python': (text) =>
    pairs(text)
      .map((pair) => `\\x${pair}`)
      .join(''),
  'octal escapes': (text) =>
    [...bytes(text)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
  'JSON of octal escapes': (text) =>
    JSON.stringify([...bytes(text)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')),
  'code points in braces': (text) =>
    Array.from(text, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`).join(''),
  HTML: (text) => html(text),
  'HTML of Go': (text) => html(text, { '"': '&#34;', "'": '&#39;' }),
  'HTML of OWASP': (text) => html(text, { "'": '&#x27;', '/': '&#x2F;' }),
  'HTML twice': (text) => html(html(text)),
  'HTML in JSON of Go': (text) => unicode(html(text), /[<>&]/g),
  'JSON in HTML': (text) => html(JSON.stringify(text)),
  'every character as an entity': (text) => Array.from(text, (one) => `&#${one.codePointAt(0)};`).join(''),
  'a string of SQL': (text) => text.replaceAll("'", "''"),
  'a cell of CSV': (text) => text.replaceAll('"', '""'),
  base64: (text) => bytes(text).toString('base64'),
  base64url: (text) => bytes(text).toString('base64url'),
  base32: (text) => base32(bytes(text)),
  'base32 of a pair': (text) => base32(bytes(`robot:${text}`)),
  'base32 of one more': (text) => base32(bytes(`x${text}@host`)),
  'base64 of a pair': (text) => bytes(`robot:${text}`).toString('base64'),
  'base64 of a line': (text) => bytes(`${text}\n`).toString('base64'),
  'base64 of one more': (text) => bytes(`x${text}@host`).toString('base64'),
  'base64 in a URL': (text) => encodeURIComponent(bytes(text).toString('base64')),
  'base64 in JSON of PHP': (text) => bytes(text).toString('base64').replaceAll('/', '\\/'),
  hex: (text) => bytes(text).toString('hex'),
  'hex in upper case': (text) => bytes(text).toString('hex').toUpperCase(),
  'hex in a longer one': (text) => bytes(`a:${text}:b`).toString('hex'),
  'od -An -tx1': (text) => dump(text, (cells) => ` ${cells.join(' ')}`),
  'od -tx1': (text) => dump(text, (cells, at) => `${offset(at, 7, 8)} ${cells.join(' ')}`),
  'od -tx1z': (text) =>
    dump(text, (cells, at) => `${offset(at, 7, 8)} ${cells.join(' ')}  >${shown(cells)}<`),
  'hexdump -C': (text) =>
    dump(
      text,
      (cells, at) =>
        `${offset(at, 8)}  ${cells.slice(0, 8).join(' ')}  ${cells.slice(8).join(' ')}  |${shown(cells)}|`,
    ),
  xxd: (text) =>
    dump(
      text,
      (cells, at) =>
        `${offset(at, 8)}: ${grouped(cells, 2)
          .map((pair) => pair.join(''))
          .join(' ')
          .padEnd(39)}  ${shown(cells)}`,
    ),
  'xxd -i': (text) =>
    grouped(pairs(text), 12)
      .map((cells) => `  ${cells.map((cell) => `0x${cell}`).join(', ')}`)
      .join(',\n'),
  hexdump: (text) =>
    dump(
      text,
      (cells, at) =>
        `${offset(at, 7)} ${grouped(cells, 2)
          .map(([a, b = '00']) => b + a)
          .join(' ')}`,
    ),
  'with colons': (text) => pairs(text).join(':'),
  'base64 of base64': (text) => base64(base64(text)),
  'base64 of wrapped base64': (text) => base64(`${lines(base64(text), 76)}\n`),
  'base64 of a Secret of Kubernetes': (text) => base64(`apiVersion: v1\ndata:\n  x: ${base64(text)}\n`),
  'UTF-16': (text) => Buffer.from(text, 'utf16le').toString('latin1'),
  'UTF-16 of Java': (text) => Buffer.from(text, 'utf16le').swap16().toString('latin1'),
  'base64 of PowerShell': (text) => Buffer.from(`$x = "${text}"`, 'utf16le').toString('base64'),
  'hex of UTF-16': (text) => Buffer.from(text, 'utf16le').swap16().toString('hex'),
  'a slice of Go': (text) => `[${[...bytes(text)].join(' ')}]`,
  'a list of Python': (text) => `[${[...bytes(text)].join(', ')}]`,
  'JSON of a Buffer': (text) => JSON.stringify(bytes(text)),
  'an IP-like list': (text) => [...bytes(text)].join('.'),
  'od -An -tu1': (text) => dump(text, (cells) => cells.map((cell) => decimal(cell).padStart(4)).join('')),
  'od -tu1': (text) =>
    dump(
      text,
      (cells, at) => `${offset(at, 7, 8)}${cells.map((cell) => decimal(cell).padStart(4)).join('')}`,
    ),
  'od -b': (text) => dump(text, (cells, at) => `${offset(at, 7, 8)} ${cells.map(octal).join(' ')}`),
  'od -c': (text) => dump(text, (cells, at) => `${offset(at, 7, 8)}${cells.map(odCell).join('')}`),
  'od -An -c': (text) => dump(text, (cells) => cells.map(odCell).join('')),
  'quoted-printable': (text) => quotedPrintable(text),
  'quoted-printable of a header': (text) => `=?utf-8?Q?${quotedPrintable(text).replaceAll(' ', '_')}?=`,
  'escape of JavaScript': (text) => escape(text),
  'long escapes of Python': (text) =>
    Array.from(text, (one) => `\\U${(one.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`).join(''),
  'a Buffer of Node': (text) => `<Buffer ${pairs(text).join(' ')}>`,
}
const wrappers: Record<string, (text: string) => string> = {
  'on one line': (text) => text,
  'as base64 does': (text) => lines(text, 76),
  'as openssl does': (text) => lines(text, 64),
  'as MIME does': (text) => lines(text, 76, '\r\n'),
  'as xxd -p does': (text) => lines(text, 60),
  'in a block of YAML': (text) => lines(text, 70, '\n      '),
  'in a string of JSON': (text) => lines(text, 64, '\\n'),
  // Narrow, so that escapes are cut in two.
  'as fold does': (text) => lines(text, 11),
  'as fold does within a list': (text) => lines(text, 13, '\n    '),
}
/** These are lines already, or hold a text as it is, in which a line break cannot be told from its own. */
const whole =
  /^(UTF|a slice|a list|JSON of a B|an IP|quoted|escape of|long esc|od|hexdump|xxd|as it is|a shell|printf|a string of SQL|a cell|with|a Buffer)/
/** Their writers wrap nothing; a program that folds lines does, and these write no space that would be lost then. */
const folded = /^(encodeURIComponent|every|escaped|octal|code points|bytes)/
/** Their lines end where an escape does, unless another program folds them. */
const unwrapped = /^(JSON|HTML|bytes|every|escaped|encode|a form|jq|octal|code points)/
const forms = Object.entries(encoders).flatMap(([encoder, encode]) =>
  Object.entries(wrappers)
    .filter(
      ([wrapper]) =>
        wrapper === 'on one line' ||
        (wrapper.startsWith('as fold')
          ? folded.test(encoder)
          : !whole.test(encoder) && !unwrapped.test(encoder)),
    )
    .map(([wrapper, wrap]) => [`${encoder}, ${wrapper}`, (text: string) => wrap(encode(text))] as const),
)

const secrets = {
  'a long token':
    'made-up-secret-of-ninety-characters-0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ-abcdefghijklmnopqrs',
  'a password': `pä$s/w+rd?&=%~<"\\'é`,
  'a token': 'tok3n-Value-99',
}

/** Pieces of a secret that nobody may read, however they stand there. */
function rests(secret: string): string[] {
  const pieces = Array.from({ length: secret.length - 5 }, (_, at) => secret.slice(at, at + 6))
  return pieces.filter((piece) => /^[\w-]+$/.test(piece))
}

const chunkings: [string, (text: Buffer) => Buffer[]][] = [
  ['at once', (text) => [text]],
  ['byte by byte', (text) => Array.from({ length: text.length }, (_, at) => text.subarray(at, at + 1))],
  [
    'by sevens',
    (text) =>
      Array.from({ length: Math.ceil(text.length / 7) }, (_, at) => text.subarray(at * 7, at * 7 + 7)),
  ],
]

/** These are bytes, which other text around them would not be. */
const isFor = (form: string, secret: string): boolean => !form.startsWith('UTF-16') || /^[ -~]*$/.test(secret)

const cases = Object.entries(secrets).flatMap(([name, secret]) =>
  forms
    .filter(([form]) => isFor(form, secret))
    .map(([form, write]) => [name, form, secret, write(secret)] as const),
)

test.each(cases)('%s is not readable: %s', (_, __, secret, printed) => {
  const text = `before it\n${printed}\nafter it`
  const outs = chunkings.map(([, cut]) => redactInChunks(cut(Buffer.from(text)), [secret]))
  expect(new Set(outs).size).toBe(1)
  const [out = ''] = outs
  expect(out).toContain('[redacted]')
  expect(out.startsWith('before it\n')).toBe(true)
  expect(out.endsWith('after it')).toBe(true)
  for (const line of printed.split(/\r?\n/))
    if (line.trim().length > 16) expect(out).not.toContain(line.trim())
  for (const rest of rests(secret)) expect(out).not.toContain(rest)
})

test('there are more than two hundred forms', () => {
  expect(cases.length).toBeGreaterThan(200)
})

test('any secret, in any form, among other text and in any chunks', () => {
  const letters = fc.constantFrom(...Array.from(`abnrtuxAB0127/+=%&?"'\\ -_é☃<>\n`))
  const secret = fc
    .string({ unit: letters, minLength: 12, maxLength: 120 })
    .filter((text) => Buffer.byteLength(text.replaceAll(/[\s\\%]/g, '')) >= 12)
  fc.assert(
    fc.property(
      secret,
      fc.constantFrom(...forms),
      fc.string({ unit: letters, maxLength: 12 }),
      fc.array(fc.nat(600), { maxLength: 8 }),
      (value, [form, write], around, cuts) => {
        // White space at the beginning of a folded line is read as indentation.
        fc.pre(!form.includes('as fold does') || !/\s/.test(value))
        fc.pre(isFor(form, value))
        const printed = write(value)
        const text = Buffer.from(`${around}\n${printed}\n${around}`)
        const places = [0, ...cuts.filter((at) => at < text.length).toSorted((a, b) => a - b), text.length]
        const chunks = places.slice(1).map((to, index) => text.subarray(places[index], to))
        const out = redactInChunks(chunks, [value])
        expect(out).toContain('[redacted]')
        expect(out).not.toContain(Buffer.from(printed).toString('latin1'))
        expect(out).toBe(redactInChunks([text], [value]))
      },
    ),
    effort(2000, 50_000),
  )
})

test.each([
  [
    '{"type":"service","private_key":"QUJDREVGR0hJSktMTU5P","n":{"deep":["hunter2hunter2"]}}',
    ['QUJDREVGR0hJSktMTU5P', 'hunter2hunter2'],
  ],
  [
    '{\n  "key": "-----BEGIN KEY-----\\nQUJDREVGR0hJSktMTU5PUFFSU1RV\\n-----END KEY-----\\n"\n}',
    ['QUJDREVGR0hJSktMTU5PUFFSU1RV'],
  ],
  ['USER=robot\nexport TOKEN="tok3n-Value-99"\n', ['tok3n-Value-99']],
  ['users:\n- client-key-data: LS0tLS1CRUdJTiBQUklWQVRF\n', ['LS0tLS1CRUdJTiBQUklWQVRF']],
  ['smtps://robot:p%40ss-w0rd@mail.example:465', ['p@ss-w0rd']],
  ['"just-a-json-string"', ['just-a-json-string']],
])('of the secret %j its parts are secrets too', (secret, parts) => {
  for (const part of parts)
    for (const [, write] of forms)
      expect(redactInChunks([Buffer.from(`\n${write(part)}\n`)], [secret])).toContain('[redacted]')
})

test('short parts of a JSON secret and names of its members are not hidden', () => {
  const secret = '{"type":"account","environment":{"name":"eu"},"token":"tok3n-Value-99"}'
  const text = 'type account environment name eu'
  expect(redactInChunks([Buffer.from(text)], [secret])).toBe(text)
})
