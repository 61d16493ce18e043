import fc from 'fast-check'
import { redactor } from '../../runner/engine/process/redact/redact.ts'

/** What programs make of a value before they print it. */
export const encodings: Record<string, (value: string) => string> = {
  plain: (value) => value,
  url: encodeURIComponent,
  'url in lower case': (value) => encodeURIComponent(value).replaceAll(/%../g, (one) => one.toLowerCase()),
  form: (value) => new URLSearchParams({ v: value }).toString().slice(2),
  json: (value) => JSON.stringify(value).slice(1, -1),
  base64: (value) => Buffer.from(value).toString('base64').replace(/=+$/, ''),
  base64url: (value) => Buffer.from(value).toString('base64url'),
  hex: (value) => Buffer.from(value).toString('hex'),
  'hex in upper case': (value) => Buffer.from(value).toString('hex').toUpperCase(),
}

export function redactInChunks(chunks: readonly Buffer[], secrets: readonly string[]): string {
  const redact = redactor(secrets)
  return Buffer.concat([...chunks.map((chunk) => redact.push(chunk)), redact.end()]).toString('latin1')
}

const letters = fc.constantFrom(...'abAB01/+=%&?"\\ -é☃\n'.split(''))
const secret = fc
  .string({ unit: letters, minLength: 4, maxLength: 24 })
  .filter((value) => Buffer.byteLength(value.trim()) >= 4)

/** Secrets in all forms among text made of the same letters, cut anywhere. */
export const leaks = fc
  .record({
    secrets: fc.array(secret, { minLength: 1, maxLength: 3 }),
    parts: fc.array(
      fc.oneof(
        fc.string({ unit: letters, maxLength: 12 }).map((text) => ({ text })),
        fc.record({ which: fc.nat(), form: fc.constantFrom(...Object.keys(encodings)) }),
      ),
      { maxLength: 12 },
    ),
    cuts: fc.array(fc.nat({ max: 400 }), { maxLength: 12 }),
  })
  .map(({ secrets, parts, cuts }) => {
    const forms = secrets.flatMap((value) => Object.values(encodings).map((encode) => encode(value)))
    const text = parts
      .map((part) =>
        'text' in part
          ? part.text
          : (encodings[part.form]?.(secrets[part.which % secrets.length] ?? '') ?? ''),
      )
      .join('')
    return { secrets, chunks: cut(Buffer.from(text), cuts), needles: forms.map(latin) }
  })

/** As the bytes stand in the output, which is compared byte for byte. */
const latin = (text: string): string => Buffer.from(text).toString('latin1')

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.filter((at) => at < bytes.length).toSorted((a, b) => a - b), bytes.length]
  return places.slice(1).map((to, index) => bytes.subarray(places[index], to))
}
