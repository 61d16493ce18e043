import { finding, whoMends } from '../finding.ts'
import type { Edit, Finding } from '../finding.ts'
import { resultLabels } from '../promql/result-labels.ts'
import { canHave } from '../promql/sets.ts'
import type { LabelSet } from '../promql/sets.ts'
import type { AlertRule, Text } from '../rule.ts'
import { entry } from '../rule.ts'
import { isLinkKey } from './alert.ts'
import type { RuleLink, Subject } from './alert.ts'
import { isControl, isEncoded, templateActions } from './template-actions.ts'

/**
 * AL07: what a label of the alert can hold in an annotation. The labels of the rule itself and `alertname` are not
 * there yet when annotations are made: they come out as nothing.
 */
export function missingLabels(subject: Subject): Finding[] {
  const { rule } = subject
  if (rule.flavor === 'grafana') return []
  const texts = rule.annotations.filter(({ value }) => !value.opaque || value.value.includes('$labels'))
  const used = texts.flatMap(({ key, value }) =>
    labelsIn(value).map((label) => ({ label, value, link: isLinkKey(key.value) })),
  )
  if (used.length === 0) return []
  const possible = rule.expr && !rule.expr.opaque ? resultLabels(rule.expr.value) : undefined
  const seen = new Set<string>()
  return used.flatMap(({ label, value, link }) => {
    const why = reason(label, rule, possible)
    const name = `${label} ${value.start}`
    if (!why || seen.has(name) || (!link && !why.certain)) return []
    seen.add(name)
    const severity = link && why.certain ? 'error' : 'warning'
    const message = `Label \`${label}\` ${why.certain ? 'is' : 'may be'} empty here: ${why.text}`
    return [
      finding('AL07', rule.name.value, subject.place(value, label), message, { severity, hint: why.hint }),
    ]
  })
}

/** A label that is asked for before it is used is known to be missing at times. */
function labelsIn(text: Text): string[] {
  const actions = templateActions(text.value)
  const asked = new Set(actions.filter(({ body }) => isControl(body)).flatMap(({ labels }) => labels))
  return actions.flatMap(({ labels }) => labels).filter((label) => !asked.has(label))
}

interface Reason {
  certain: boolean
  text: string
  hint: string
}

function reason(label: string, rule: AlertRule, possible: LabelSet | undefined): Reason | undefined {
  const closed = possible !== undefined && !canHave(possible, label)
  // VictoriaMetrics gives annotations the labels of the rule as well.
  if (rule.flavor === 'victoria' && (label === 'alertname' || entry(rule.labels, label))) return undefined
  if (label === 'alertname') {
    const series = !closed && /\balertname\b|\bALERTS|alert/i.test(rule.expr?.value ?? 'alert')
    if (series || (possible?.open === true && rule.expr === undefined)) return undefined
    return {
      certain: possible !== undefined,
      text: '`alertname` is set after annotations are made',
      hint: `Write \`${rule.name.value}\` itself.`,
    }
  }
  const own = entry(rule.labels, label)
  if (own && (closed || possible === undefined || possible.open)) {
    const hint =
      own.opaque || own.value.includes('{{')
        ? 'Use a label of the expression.'
        : `Write \`${own.value}\` itself.`
    return { certain: closed, text: `it is a label of the rule, set after annotations are made`, hint }
  }
  if (!closed) return undefined
  const list = [...(possible.open ? possible.except : possible.only)].map((one) => `\`${one}\``).join(', ')
  const hint = possible.open
    ? `It has every label but ${list}.`
    : list === ''
      ? 'Its result has no labels.'
      : `It has ${list}.`
  return { certain: true, text: 'the result of the expression cannot have it', hint }
}

/** AL08: a label may hold `&`, `#` or a space, and the link ends there. */
export function unencodedLabels({ rule, place, source }: Subject, { text, key, parts }: RuleLink): Finding[] {
  const bare = templateActions(parts.query).filter(
    ({ body, labels }) =>
      (labels.length > 0 || body.includes('$externalLabels')) && !isControl(body) && !isEncoded(body),
  )
  return [...new Set(bare.map(({ body }) => body))].map((body) => {
    const message = `\`${body}\` is not encoded in \`${key}\`: \`&\`, \`#\` or a space in it breaks the link`
    const edits = fixEncoding(body, text, source)
    const hint = `Write \`{{ ${body} | urlquery }}\`${whoMends(edits)}`
    return finding('AL08', rule.name.value, place(text, body), message, { hint, edits })
  })
}

/** Adds `| urlquery` after each place with exactly this text in an action, however the action is escaped. */
function fixEncoding(body: string, text: Text, source: string): Edit[] {
  if (!text.exact) return []
  const raw = source.slice(text.start, text.end)
  const literal = body.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  const behind = /(?<=(?:\{\{|\}\}|["'`])-?\s*)/.source
  const matches = raw.matchAll(new RegExp(`${behind}${literal}(?=\\s*-?\\s*(?:\\}\\}|\\{\\{|["'\`]))`, 'g'))
  const from = raw.indexOf('?')
  return [...matches]
    .filter(({ index }) => index > from)
    .map(({ index }) => {
      const at = text.start + index + body.length
      return { start: at, end: at, text: ' | urlquery' }
    })
}
