export interface Secret {
  offset: number
  length: number
  /** The type of the secret, without its value. */
  what: string
}

/** Forms that are issued by machines: prefix, alphabet and length leave little doubt. */
const forms: readonly [RegExp, string][] = [
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, 'AWS access key'],
  [/\bgh[pousr]_[A-Za-z0-9]{36,}\b/g, 'GitHub token'],
  [/\bgithub_pat_[A-Za-z0-9_]{22,}\b/g, 'GitHub token'],
  [/\bglpat-[A-Za-z0-9_-]{20,}/g, 'GitLab token'],
  [/\bxox[abprs]-[A-Za-z0-9-]{10,}/g, 'Slack token'],
  [
    /\bhttps:\/\/hooks\.slack\.com\/services\/T[A-Z0-9]{8,}\/B[A-Z0-9]{8,}\/[A-Za-z0-9]{20,}/g,
    'Slack webhook',
  ],
  [/\b[rs]k_live_[A-Za-z0-9]{16,}\b/g, 'Stripe key'],
  [/\bAIza[A-Za-z0-9_-]{35}/g, 'Google API key'],
  [/\bnpm_[A-Za-z0-9]{36}\b/g, 'npm token'],
  [/\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/g, 'SendGrid key'],
  [/\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g, 'JSON Web Token'],
  [/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/g, 'private key'],
]

const assigned =
  /\b((?:[\w-]*[_-])?(?:api[_-]?key|secret|token|passwd|password|access[_-]?key|private[_-]?key))["']?\s*[:=]\s*["']?([A-Za-z0-9+/_=.-]{16,})/gi
const bearer = /\bAuthorization:\s*(?:Bearer|Basic)\s+([A-Za-z0-9+/_=.-]{16,})/gi
const inUrl = /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"'<>$]+:([^\s/:@"'<>$]{6,})@/gi

const patterns = [...forms.map(([pattern]) => pattern), assigned, bearer, inUrl]

/** Whether any line of a text may hold a secret; false for certain. */
export function mayHoldSecrets(text: string): boolean {
  return patterns.some((pattern) => text.search(pattern) !== -1)
}

/** Values on a line that look like real secrets. Examples and placeholders are none. */
export function findSecrets(line: string): Secret[] {
  const secrets: Secret[] = []
  const add = (offset: number, value: string, what: string): void => {
    if (
      !secrets.some((other) => offset < other.offset + other.length && other.offset < offset + value.length)
    ) {
      secrets.push({ offset, length: value.length, what })
    }
  }
  for (const [pattern, what] of forms) {
    for (const match of line.matchAll(pattern)) if (!isExample(match[0])) add(match.index, match[0], what)
  }
  for (const [pattern, what, group] of [
    [assigned, 'secret value', 2],
    [bearer, 'credential', 1],
    [inUrl, 'password in an address', 1],
  ] as const) {
    for (const match of line.matchAll(pattern)) {
      const value = match[group] ?? ''
      const certain =
        pattern === inUrl
          ? !isExample(value) && !/^(pass(word)?|secret|changeme|\*+|x+)$/i.test(value)
          : looksRandom(value)
      if (certain) add(match.index + match[0].lastIndexOf(value), value, what)
    }
  }
  return secrets
}

function isExample(value: string): boolean {
  return /example|placeholder|your|xxxx|\*\*\*|0000000|1234567|abcdef|redacted|dummy|sample|changeme|insert/i.test(
    value,
  )
}

/** Letters and digits mixed, no words: text that a person chose has far fewer kinds of characters. */
function looksRandom(value: string): boolean {
  if (
    isExample(value) ||
    !/\d/.test(value) ||
    !/[a-z]/i.test(value) ||
    /^[./]|\.(ya?ml|json|txt|pem|key|crt|sh|svc|com|io)\b|\//i.test(value)
  )
    return false
  if (/^[a-z]+([-_.][a-z0-9]+)+$/i.test(value) && !/[A-Z].*[a-z].*\d|\d.*[a-z].*[A-Z]/.test(value))
    return false
  return entropy(value) >= 3.4
}

function entropy(value: string): number {
  const counts = new Map<string, number>()
  for (const char of value) counts.set(char, (counts.get(char) ?? 0) + 1)
  return [...counts.values()].reduce(
    (bits, count) => bits - (count / value.length) * Math.log2(count / value.length),
    0,
  )
}
