import { decodeUri } from '../../../model/text/decode-uri.ts'
import { base32 } from './base32.ts'
import { isIndent, unescaped, unresolved } from './unescape.ts'

/** Shortest secret that can be redacted without masking ordinary text, in bytes. */
const minSecretBytes = 4

/** Shortest text that is looked for in any encoding and wrapping, in bytes; of a shorter one only whole forms are. */
const minWrappedBytes = 8

/** Longest secret that is looked for in base64 of UTF-16 and of base64, in bytes: those forms are 30 times as long. */
const mostRewrittenBytes = 1024

/** Shortest text within a structured secret that is a secret of its own, in characters. */
const minPartLength = 8

/** Why a value cannot be kept secret by redaction, or undefined when it can. */
export function secretProblem(value: string): string | undefined {
  if (Buffer.byteLength(value.trim()) < minSecretBytes)
    return `is shorter than ${minSecretBytes} bytes: redacting it would mask ordinary text`
  return undefined
}

/** The forms to search for, by the way the stream is read. */
export interface SecretForms {
  /** As bytes that are printed unchanged or one by one. */
  plain: Buffer[]
  /** As `unescaped` reads it. */
  text: Buffer[]
  /** As digits 0 to 15. */
  hex: Buffer[]
}

/** All forms of all secrets and of their parts. */
export function secretForms(secrets: readonly string[]): SecretForms {
  const texts = new Set(secrets.flatMap((secret) => [secret, ...partsOf(secret)]))
  const short = secrets.filter((secret) => Buffer.byteLength(secret) <= mostRewrittenBytes)
  const rewritten = new Set(short.flatMap((secret) => [secret, ...partsOf(secret)]))
  const plain: (string | Buffer)[] = []
  const text: Buffer[] = []
  const hex: Buffer[] = []
  for (const one of texts) {
    const bytes = Buffer.from(one)
    const wide = utf16(bytes).map(withoutZeros)
    plain.push(one, ...quoted(one), ...wide, latin1(one))
    if (unescaped(Buffer.from(one.replace(cutShort, ''))).length < minWrappedBytes)
      plain.push(...encoded(one, bytes))
    else {
      plain.push(...[bytes, latin1(one)].map(inHeader))
      if (rewritten.has(one))
        text.push(...[...wide.flatMap(base64Forms), ...base64Twice(bytes)].flatMap(asLines))
      text.push(
        ...[
          ...new Set([one, one.replaceAll(' ', '+'), ...base64Forms(bytes), ...base32Forms(bytes)]),
        ].flatMap(asRead),
        ...[latin1(one), ...wide].map(unescaped),
      )
      hex.push(...[bytes, ...swapped(bytes), ...wide].map(digitsOf))
    }
  }
  return {
    plain: distinct(plain.map((form) => Buffer.from(form)).filter(({ length }) => length >= minSecretBytes)),
    text: distinct(text),
    hex: distinct(hex),
  }
}

function distinct(forms: readonly Buffer[]): Buffer[] {
  return [...new Map(forms.map((form) => [form.toString('latin1'), form])).values()]
}

/** Texts of a secret that programs take out of it: its lines, the values of JSON and of settings, a password in a URL. */
function partsOf(secret: string): string[] {
  const parts = [...telling(secret), ...passwordOf(secret)]
  const json = stringsOf(secret)
  return [...parts, ...json.flatMap((text) => [text, ...telling(text), ...passwordOf(text)])]
}

/** The lines of a secret that tell something: blank ones, brackets and the frame of a PEM file occur in other texts too. */
function telling(secret: string): string[] {
  const lines = secret.split(/\r\n|\r|\n/)
  if (lines.length === 1) return [secret.trim()]
  return lines.flatMap((raw) => {
    const line = raw.trim()
    if (line.startsWith('-----') || (line.match(/[\p{L}\p{N}]/gu) ?? []).length < minSecretBytes) return []
    const [, value] = /^(?:export\s+|-\s+)?["']?[\w.-]+["']?\s*[:=]\s*["']?(.*?)["']?,?$/.exec(line) ?? []
    return value !== undefined && value.length >= minPartLength ? [line, value] : [line]
  })
}

/** Every text of a JSON document; none of any other text. Names of members are not secrets. */
function stringsOf(secret: string): string[] {
  if (!/^\s*[[{"]/.test(secret)) return []
  const strings: string[] = []
  try {
    JSON.parse(secret, (_, value: unknown) => {
      if (typeof value === 'string' && value.length >= minPartLength) strings.push(value)
      return value
    })
  } catch {
    return []
  }
  return strings
}

function passwordOf(text: string): string[] {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || !URL.canParse(text)) return []
  const { password } = new URL(text)
  if (password.length < minSecretBytes) return []
  return [password, decodeUri(password) ?? password]
}

/** How shells, SQL, PowerShell and CSV quote a quote. */
function quoted(text: string): string[] {
  const single = [String.raw`'\''`, `'"'"'`, `''`].map((quote) => text.replaceAll("'", quote))
  return [...single, text.replaceAll('"', '""')].filter((form) => form !== text)
}

/** The whole forms of a short text, each as programs print it. */
function encoded(text: string, bytes: Buffer): string[] {
  const url = encodeURIComponent(text.toWellFormed())
  const form = new URLSearchParams({ v: text }).toString().slice(2)
  const json = JSON.stringify(text).slice(1, -1)
  const ascii = [/[\u007f-\uffff]/g, /[\u007f-\uffff&<>'/+]/g].flatMap((some) => [
    json.replaceAll(
      some,
      escapedBy((hex) => hex),
    ),
    json.replaceAll(
      some,
      escapedBy((hex) => hex.toUpperCase()),
    ),
  ])
  const html = [
    ["'", '&#39;'],
    ["'", '&apos;'],
    ['"', '&#34;'],
  ].map(([quote = '', entity = '']) =>
    text
      .replaceAll('&', '&amp;')
      .replaceAll(quote, entity)
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;'),
  )
  const hex = bytes.toString('hex')
  const base64 = bytes.toString('base64').replace(/=+$/, '')
  const numbers = [...bytes].map(String)
  return [
    ...[' ', ',', ', '].map((between) => numbers.join(between)),
    ...utf16(bytes).flatMap((wide) => [wide.toString('hex'), wide.toString('base64').replace(/=+$/, '')]),
    ...[url, form].flatMap((one) => [one, one.replaceAll(/%../g, (escape) => escape.toLowerCase())]),
    ...[json, ...ascii].flatMap((one) => [one, one.replaceAll('/', '\\/')]),
    ...html,
    hex,
    hex.toUpperCase(),
    base64,
    base64.replaceAll('+', '-').replaceAll('/', '_'),
    base32(bytes),
  ]
}

function escapedBy(write: (hex: string) => string): (character: string) => string {
  return (character) => `\\u${write(character.charCodeAt(0).toString(16).padStart(4, '0'))}`
}

/** An escape that the end of a text cuts short: what follows it there may belong to it. */
const cutShort = /(?:%(?:u[\da-f]{0,3}|[\da-f])?|\\(?:U[\da-f]{0,7}|[ux0-3][\da-f]{0,3})?)$/i

/**
 * How a text is read: also at the beginning of a line, where white space is indentation, and behind a backslash or a
 * percent sign, with digits or without, which belongs to what comes before and takes its first letters as an escape.
 */
function asRead(form: string): Buffer[] {
  return [...new Set([form, form.replace(cutShort, '')])].flatMap(readings)
}

function readings(form: string): Buffer[] {
  const read = (text: string): Buffer => unescaped(Buffer.from(text))
  const whole = read(form)
  if (whole.length < minWrappedBytes) return []
  const digits = /^[0-9a-f]{0,8}/i.exec(form)?.[0].length ?? 0
  const cut = Array.from({ length: digits }, (_, at) => read(form.slice(at + 1))).filter(
    ({ length }, at) => at < 2 || length >= minWrappedBytes,
  )
  // An escape of a line does not go on in the next one where the break is escaped as well.
  const lines = form
    .split(/\r\n|[\r\n]/)
    .map((line, at) => (at === 0 ? read(line) : withoutIndent(read(line))))
  const others = [
    Buffer.concat(lines),
    unresolved(Buffer.from(form)),
    read(form.replaceAll('%', String.raw`\u0025`)),
    withoutIndent(whole),
    read(`\\${form}`),
    read(`%${form}`),
    ...cut,
  ]
  // One with the whole in it is found where that is.
  return [whole, ...others.filter((other) => !other.includes(whole))]
}

function withoutIndent(bytes: Buffer): Buffer {
  return bytes.subarray(
    Math.max(
      0,
      bytes.findIndex((byte) => !isIndent(byte)),
    ),
  )
}

/** How a secret looks inside the base64 of something longer, such as `user:secret`, at each of the three offsets. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => within(bytes, before, 6, (whole) => whole.toString('base64')))
}

/** The same in base32, at each of the five offsets. */
function base32Forms(bytes: Buffer): string[] {
  return [0, 1, 2, 3, 4].map((before) => within(bytes, before, 5, base32))
}

/** The digits that only the bytes decide, behind others. @param before how many others @param bits of a digit */
function within(bytes: Buffer, before: number, bits: number, encode: (whole: Buffer) => string): string {
  const whole = Buffer.concat([Buffer.alloc(before), bytes])
  return encode(whole).slice(Math.ceil((before * 8) / bits), Math.floor((whole.length * 8) / bits))
}

/** The same in base64 once more, where the first is on one line or in lines of 76 as usual. */
function base64Twice(bytes: Buffer): string[] {
  const whole = bytes.toString('base64')
  const lines = whole.replaceAll(/.{76}(?=.)/g, (line) => `${line}\n`)
  return [...base64Forms(bytes), ...(lines === whole ? [] : [lines])].flatMap((once) =>
    base64Forms(Buffer.from(once)),
  )
}

/** How base64 is read: also after a line that ends in a percent sign, which takes its first two digits as an escape. */
function asLines(form: string): Buffer[] {
  const [whole, behind] = [unresolved(Buffer.from(form)), unescaped(Buffer.from(`%${form}`))]
  return behind.includes(whole) ? [whole] : [whole, behind]
}

/** How quoted-printable in a header writes spaces. */
function inHeader(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => (byte === 0x20 ? 0x5f : byte)))
}

/** A text with one byte for each character that has one in ISO 8859-1, as `escape` of JavaScript writes it. */
function latin1(text: string): Buffer {
  return Buffer.concat(
    Array.from(text, (one) => Buffer.from(one, (one.codePointAt(0) ?? 0) <= 0xff ? 'latin1' : 'utf8')),
  )
}

/** A text in UTF-16 of both byte orders, as PowerShell and Java write it. */
function utf16(bytes: Buffer): Buffer[] {
  const little = Buffer.from(bytes.toString('utf8'), 'utf16le')
  return [little, Buffer.from(little).swap16()]
}

/** Without zeros at both ends: that makes both byte orders of most texts the same. */
function withoutZeros(bytes: Buffer): Buffer {
  const last = bytes.findLastIndex((byte) => byte !== 0)
  return bytes.subarray(
    bytes.findIndex((byte) => byte !== 0),
    last + 1,
  )
}

/** The bytes as words of 16 bits of a small-endian machine, as `od -x` and hexdump print them, from an even and an odd place. */
function swapped(bytes: Buffer): Buffer[] {
  return [0, 1].map((from) => {
    const length = (bytes.length - from) & ~1
    return Buffer.from(bytes.subarray(from, from + length)).swap16()
  })
}

function digitsOf(bytes: Buffer): Buffer {
  return Buffer.from([...bytes].flatMap((byte) => [byte >> 4, byte & 15]))
}
