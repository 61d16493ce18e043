import { finding } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { parseQuery } from '../link.ts'
import { entry } from '../rule.ts'
import type { RuleLink, Subject } from './alert.ts'

const loopback = /^(localhost|127(\.\d+){3}|\[::1\]|.*\.localhost)$/i
const secretName =
  /^(access_?token|auth_?token|token|api_?key|apikey|password|passwd|pwd|secret|client_?secret|private_?key|sig|signature|x-amz-signature)$/i
const tokenLike =
  /\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{15,}|xox[abprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}|AIza[\w-]{30,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*|sk_live_\w{10,})/

/** AL10: a link is mailed, posted and logged; nobody on the way may read or change what it gives. */
export function unsafeLink({ rule, place }: Subject, { text, parts }: RuleLink): Finding[] {
  const findings: Finding[] = []
  const authority = /^(https?):\/\/([^/?#]*)/i.exec(text.value.trim())
  const [scheme = '', host = ''] = [authority?.[1], authority?.[2]]
  const plainHost = host.replace(/^.*@/, '').replace(/:\d+$/, '')
  if (scheme.toLowerCase() === 'http' && !loopback.test(plainHost) && !/[{\uE001]/.test(plainHost)) {
    const message = `Unexpected \`http:\` to \`${plainHost}\`, expected \`https:\``
    findings.push(
      finding('AL10', rule.name.value, place(text, 'http:'), message, {
        hint: 'Publish the pages with TLS and link to them so.',
      }),
    )
  }
  const secret = secretIn(text.value, host, parts.query)
  if (secret !== undefined) {
    const hint = 'Take it out, and make it worthless: it has been in every notification.'
    findings.push(finding('AL10', rule.name.value, place(text), `The link carries ${secret}`, { hint }))
  }
  return findings
}

/** The type of the credential; its value is never shown. */
function secretIn(value: string, host: string, query: string): string | undefined {
  if (/^[^@{]+:[^@{]+@/.test(host)) return 'a user name and password'
  if (tokenLike.test(value)) return 'what looks like a token'
  const named = parseQuery(query).find(
    ([name, given]) => secretName.test(name) && given !== '' && !/\{\{|[\uE000-\uE001]/.test(given),
  )
  return named && `a value for \`${named[0]}\``
}

/**
 * What has the same effect as waiting: a range that is looked back over, here or by the recording rule whose name ends in
 * it, and an age, which does not grow in one sample.
 */
const looksBack = /\[\d+\w+|_over_time|\bincrease\b|\brate\b|\btime\(\s*\)|:\w*[a-z_]\d+[smhdw]\b/

/** AL14: without `for`, one bad sample wakes somebody. */
export function missingFor({ rule, paging, place }: Subject): Finding[] {
  const { hold, expr } = rule
  if (!paging || rule.open || rule.flavor === 'grafana' || hold?.opaque === true) return []
  if (hold !== undefined && !/^0+(ms|[smhdwy])?$/.test(hold.value)) return []
  if (expr === undefined || expr.opaque || looksBack.test(expr.value)) return []
  if (entry(rule.labels, 'keep_firing_for')) return []
  const message = `Alert \`${rule.name.value}\` fires at its first sample`
  return [
    finding('AL14', rule.name.value, place(hold ?? rule.name), message, {
      hint: 'Add `for:` so that it holds before it wakes somebody.',
    }),
  ]
}
