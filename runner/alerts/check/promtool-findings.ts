import { finding, placesIn } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { resultLabels } from '../promql/result-labels.ts'
import type { AlertRule, RuleFile } from '../rule.ts'

/** Queries of Loki look like PromQL up to their first pipe, and promtool reads none of them. */
const logql = /\}\s*(\|=|\|~|!=|!~|\||\[\w+\]\s*\|)/
/** Messages of promtool on files that are newer than it, or for another product than Prometheus. */
const versionTrouble =
  /field \w+ not found|function "\w+" not defined|unknown function with name|already set in type/

export function suitsPromtool(file: RuleFile): boolean {
  return file.plain && file.rules.length > 0 && !file.rules.some(({ expr }) => logql.test(expr?.value ?? ''))
}

/** AL11: what promtool printed about files. Its exit code says 0 for duplicates, so only its words are read. */
export function promtoolFindings(output: string, files: readonly RuleFile[]): Finding[] {
  const findings: Finding[] = []
  const parts = output.split(/^Checking /m).slice(1)
  for (const part of parts) {
    const file = files.find(({ file: name }) => part.startsWith(`${name}\n`))
    if (file) findings.push(...duplicates(part, file), ...complaints(part, file))
  }
  return findings
}

function duplicates(part: string, file: RuleFile): Finding[] {
  const places = placesIn(file.file, file.text)
  return [...part.matchAll(/^Metric: (.*)\nLabel\(s\):\n((?:\t.*\n)*)/gm)].map(([, name = '']) => {
    const same = file.rules.filter((rule) => rule.name.value === name)
    const last = same.at(-1)
    const message = `\`${name}\` is defined more than once with the same labels`
    const hint = 'Give one of them another name or a label that tells them apart.'
    const place = last ? places(last.name.start, last.name.end) : places(0)
    return finding('AL11', name, place, message, { severity: 'warning', hint })
  })
}

function complaints(part: string, file: RuleFile): Finding[] {
  const lines = part.split('\n').slice(1)
  return lines.flatMap((line) => {
    const said = line.startsWith(`${file.file}: `)
      ? line.slice(file.file.length + 2)
      : /^ {2}line \d+: /.test(line)
        ? line.trim()
        : ''
    if (said === '' || /^yaml: unmarshal errors:$/.test(said)) return []
    return [complaint(said, file)]
  })
}

function complaint(said: string, file: RuleFile): Finding {
  const places = placesIn(file.file, file.text)
  const at = /^(?:(\d+):(\d+): |line (\d+): )/.exec(said)
  const quoted = /rule \d+, "([^"]*)"/.exec(said)?.[1]
  const rule = file.rules.find(({ name }) => name.value === quoted)
  const place = at
    ? { file: file.file, line: Number(at[1] ?? at[3]), column: Number(at[2] ?? 1) }
    : places(rule?.name.start ?? 0, rule?.name.end)
  const message = `promtool: ${said.replace(/^(\d+:\d+|line \d+): /, '')}`
  const doubtful = versionTrouble.test(said) || (/could not parse expression/.test(said) && readable(rule))
  return finding('AL11', quoted ?? '', place, message, {
    severity: doubtful ? 'warning' : 'error',
    hint: doubtful
      ? 'The installed promtool may be older than the rules, or they are for another program, such as vmalert.'
      : 'Prometheus refuses the whole file.',
  })
}

function readable(rule: AlertRule | undefined): boolean {
  return rule?.expr !== undefined && resultLabels(rule.expr.value) !== undefined
}
