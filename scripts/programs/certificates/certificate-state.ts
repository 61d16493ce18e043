import { X509Certificate, createPrivateKey } from 'node:crypto'
import { isIP } from 'node:net'

/** How close the end of a certificate is. Milliseconds. */
export interface Limits {
  warnMs: number
  failMs: number
}

export interface CertificateState {
  name: string
  state: 'ok' | 'warn' | 'fail'
  /** The day of its end, where a certificate could be read. */
  until?: string
  /** Whole days until then; negative when it is over. */
  days?: number
  fingerprint?: string
  /** One fact a line; empty when all is well. */
  findings: string[]
}

const dayMs = 86_400_000

/**
 * Judges a chain by its times: the certificate that ends first counts. Exactly `failMs` before its end a certificate
 * fails, exactly `warnMs` before it is a warning.
 */
export function judgeTimes(
  name: string,
  chain: readonly X509Certificate[],
  { warnMs, failMs }: Limits,
  now: number,
): CertificateState {
  const [leaf] = chain
  if (leaf === undefined) return { name, state: 'fail', findings: ['it has no certificate'] }
  const first = chain.reduce((earliest, one) => (one.validToDate < earliest.validToDate ? one : earliest))
  const left = first.validToDate.getTime() - now
  const days = Math.floor(left / dayMs)
  const of = first === leaf ? 'it' : `\`${oneLine(first.subject)}\`, which signed it,`
  const findings = []
  if (left <= 0) findings.push(`${of} ended ${-days} days ago`)
  else if (left <= warnMs) findings.push(`${of} ends in ${days} days`)
  const early = chain.find((one) => one.validFromDate.getTime() > now)
  if (early !== undefined) findings.push(`it is not valid before ${early.validFromDate.toISOString()}`)
  return {
    name,
    state: left <= failMs || early !== undefined ? 'fail' : left <= warnMs ? 'warn' : 'ok',
    until: first.validToDate.toISOString().slice(0, 10),
    days,
    fingerprint: leaf.fingerprint256,
    findings,
  }
}

/** A state with a further finding, which fails. */
export function withFailure(state: CertificateState, finding: string | undefined): CertificateState {
  return finding === undefined ? state : { ...state, state: 'fail', findings: [finding, ...state.findings] }
}

/** The certificates of a PEM text, in its order. @throws what OpenSSL says of one that cannot be read */
export function certificatesOf(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => new X509Certificate(block))
}

/** Why a certificate and the rest of its chain do not fit a trusted one, a name or a key; undefined when they do. */
export function misfit(
  chain: readonly X509Certificate[],
  expected: { roots?: readonly X509Certificate[]; host?: string; key?: string },
): string | undefined {
  const [leaf, ...others] = chain
  if (leaf === undefined) return 'it has no certificate'
  if (expected.host !== undefined && !isFor(leaf, expected.host))
    return `it is not for the name ${expected.host}`
  if (expected.key !== undefined && !leaf.checkPrivateKey(createPrivateKey(expected.key)))
    return 'the private key belongs to another certificate'
  return expected.roots === undefined ? undefined : brokenChain(leaf, others, expected.roots)
}

function isFor(certificate: X509Certificate, host: string): boolean {
  return (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined
}

/** Follows issuers from the certificate to a trusted one. */
function brokenChain(
  leaf: X509Certificate,
  others: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): string | undefined {
  let current = leaf
  for (let depth = 0; depth <= others.length; depth++) {
    const signed = (by: X509Certificate): boolean => current.checkIssued(by) && current.verify(by.publicKey)
    if (roots.some((root) => root.fingerprint256 === current.fingerprint256 || signed(root))) return undefined
    const next = others.find(signed)
    if (next === undefined) break
    current = next
  }
  return `no trusted certificate signed \`${oneLine(current.subject)}\``
}

function oneLine(subject: string): string {
  return subject.replaceAll('\n', ', ')
}
