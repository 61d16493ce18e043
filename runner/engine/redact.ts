/** What stands in the place of a secret. */
export const redactionMark = '[redacted]'

/** Shortest secret that can be redacted without masking ordinary text, in bytes. */
export const minSecretBytes = 4

export interface Redactor {
  /** Returns what is safe to write; keeps back only bytes that may be the beginning of a secret. */
  push(chunk: Uint8Array): Buffer
  /** Returns what was kept back. */
  end(): Buffer
}

/**
 * Replaces secrets in a stream of bytes, however it is cut: each value as it is, and in its URL, JSON, base64,
 * base64url and hex forms, and each line of a value of several lines.
 */
export function redactor(secrets: readonly string[]): Redactor {
  const needles = secrets
    .flatMap(forms)
    .map((form) => Buffer.from(form))
    .toSorted((a, b) => b.length - a.length)
  const longest = needles[0]?.length ?? 0
  const mark = Buffer.from(redactionMark)
  let kept: Buffer = Buffer.alloc(0)
  function scan(bytes: Buffer, final: boolean): Buffer {
    const parts: Buffer[] = []
    let from = 0
    for (let hit = nextHit(bytes, needles, from); hit; hit = nextHit(bytes, needles, from)) {
      // A longer secret may begin before this one and still be incomplete.
      if (!final && hit.at + longest > bytes.length && mayGrow(bytes, hit.at, needles)) break
      parts.push(bytes.subarray(from, hit.at), mark)
      from = hit.at + hit.length
    }
    const keepFrom = final ? bytes.length : Math.max(from, keepPoint(bytes, from, needles, longest))
    parts.push(bytes.subarray(from, keepFrom))
    kept = Buffer.from(bytes.subarray(keepFrom))
    return Buffer.concat(parts)
  }
  return {
    push: (chunk) => (longest === 0 ? Buffer.from(chunk) : scan(Buffer.concat([kept, chunk]), false)),
    end: () => scan(kept, true),
  }
}

/** Redacts one whole text. */
export function redactText(text: string, secrets: readonly string[]): string {
  if (secrets.length === 0) return text
  const one = redactor(secrets)
  return Buffer.concat([one.push(Buffer.from(text)), one.end()]).toString('utf8')
}

function forms(secret: string): string[] {
  const lines = secret.split(/\r?\n/).filter((line) => Buffer.byteLength(line) >= minSecretBytes)
  return [...new Set([secret, ...lines])].flatMap((value) => {
    const bytes = Buffer.from(value)
    const json = JSON.stringify(value).slice(1, -1)
    const encoded = [encodeURIComponent(value), new URLSearchParams({ v: value }).toString().slice(2), json]
    const hex = bytes.toString('hex')
    const base64 = bytes.toString('base64').replace(/=+$/, '')
    return [...new Set([value, ...encoded, hex, hex.toUpperCase(), base64, bytes.toString('base64url')])]
  })
}

function nextHit(
  bytes: Buffer,
  needles: readonly Buffer[],
  from: number,
): { at: number; length: number } | undefined {
  let best: { at: number; length: number } | undefined
  for (const needle of needles) {
    const at = bytes.indexOf(needle, from)
    if (at !== -1 && (!best || at < best.at)) best = { at, length: needle.length }
  }
  return best
}

/** Whether some secret longer than the bytes at hand may begin at `at`. */
function mayGrow(bytes: Buffer, at: number, needles: readonly Buffer[]): boolean {
  const rest = bytes.subarray(at)
  return needles.some((needle) => needle.length > rest.length && needle.subarray(0, rest.length).equals(rest))
}

function keepPoint(bytes: Buffer, from: number, needles: readonly Buffer[], longest: number): number {
  for (let at = Math.max(from, bytes.length - longest + 1); at < bytes.length; at++) {
    if (mayGrow(bytes, at, needles)) return at
  }
  return bytes.length
}
