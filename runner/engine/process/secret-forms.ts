/** Shortest secret that can be redacted without masking ordinary text, in bytes. */
const minSecretBytes = 4

/** Shortest secret whose base64 is looked for inside a longer one, where only its middle is certain. */
const minInnerBytes = 8

/** Why a value cannot be kept secret by redaction, or undefined when it can. */
export function secretProblem(value: string): string | undefined {
  if (Buffer.byteLength(value.trim()) < minSecretBytes)
    return `is shorter than ${minSecretBytes} bytes: redacting it would mask ordinary text`
  return undefined
}

/** The bytes to look for: each secret and each line of it, as they are and as programs encode them. */
export function secretForms(secrets: readonly string[]): Buffer[] {
  const texts = new Set(secrets.flatMap((secret) => [secret, ...telling(secret)]))
  const forms = new Map<string, Buffer>()
  for (const text of texts)
    for (const form of [...texted(text), ...encoded(Buffer.from(text))]) {
      const bytes = Buffer.from(form)
      if (bytes.length >= minSecretBytes) forms.set(bytes.toString('latin1'), bytes)
    }
  return [...forms.values()]
}

/** The lines of a secret that tell something: blank ones, brackets and the frame of a PEM file stand in other texts too. */
function telling(secret: string): string[] {
  const lines = secret.split(/\r\n|\r|\n/)
  if (lines.length === 1) return [secret.trim()]
  return lines
    .map((line) => line.trim())
    .filter(
      (line) => (line.match(/[\p{L}\p{N}]/gu) ?? []).length >= minSecretBytes && !line.startsWith('-----'),
    )
}

function texted(text: string): string[] {
  const url = encodeURIComponent(text.toWellFormed())
  const form = new URLSearchParams({ v: text }).toString().slice(2)
  const json = JSON.stringify(text).slice(1, -1)
  return [
    text,
    url,
    form,
    ...[url, form].map((one) => one.replaceAll(/%../g, (escape) => escape.toLowerCase())),
    json,
    asciiJson(json),
    json.replaceAll('/', '\\/'),
    text.replaceAll("'", String.raw`'\''`),
  ]
}

function asciiJson(json: string): string {
  return json.replaceAll(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function encoded(bytes: Buffer): string[] {
  const hex = bytes.toString('hex')
  const base64 = bytes.toString('base64').replace(/=+$/, '')
  const all = bytes.length < minInnerBytes ? [base64] : [base64, ...innerBase64(bytes)]
  return [hex, hex.toUpperCase(), ...all, ...all.map((one) => one.replaceAll('+', '-').replaceAll('/', '_'))]
}

/** How a secret looks inside the base64 of something longer, such as `user:secret`, at the two other offsets. */
function innerBase64(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const certainFrom = before === 0 ? 0 : before + 1
    const partial = ((before + bytes.length) * 8) % 6 === 0 ? 0 : 1
    return text.slice(certainFrom, text.length - partial)
  })
}
