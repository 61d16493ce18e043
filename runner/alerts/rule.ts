/** A piece of text of a rule file, and where it stands. Offsets count UTF-16 units of the file. */
export interface Text {
  /** As Prometheus would see it; what only a template engine knows is `opaque` characters. */
  value: string
  start: number
  end: number
  /** Whether the source between the offsets is this text and nothing else: not when it was unescaped from a string. */
  exact: boolean
  /** Whether some of it is only known once a template engine has run. */
  opaque: boolean
}

export interface RuleEntry {
  key: Text
  value: Text
}

/** Whose rules these are: what a label holds in an annotation differs between them. */
export type Flavor = 'prometheus' | 'victoria' | 'grafana'

/** One alerting rule, from whatever wrapping. */
export interface AlertRule {
  file: string
  name: Text
  group: string | undefined
  flavor: Flavor
  expr: Text | undefined
  /** How long the expression must hold. */
  hold: Text | undefined
  labels: RuleEntry[]
  annotations: RuleEntry[]
  /** Whether a template engine may add labels or annotations that are not written here. */
  open: boolean
}

/** Something that kept a file, or a part of it, from being read. */
export interface ReadProblem {
  message: string
  offset: number
  /** Whether its alerts were still found, rule by rule. */
  partial: boolean
}

export interface RuleFile {
  file: string
  /** The text as it is on disk, without its byte order mark. */
  text: string
  rules: AlertRule[]
  problems: ReadProblem[]
  /** Whether promtool reads this file as it is: rule groups at the top, without a template engine. */
  plain: boolean
}

export function entry(entries: readonly RuleEntry[], key: string): Text | undefined {
  return entries.find((one) => one.key.value === key)?.value
}
