import type { RuleFile } from './rule.ts'

/** A format of alerts that is not read. */
interface ForeignAlerts {
  /** With its article. */
  name: string
  /** Found together only in texts of this format. */
  signs: readonly RegExp[]
  /** How its alerts come to link to runbooks, as sentences. */
  advice: string
}

const printed = '`runbook alerts links` prints each link.'
const exported =
  'Export the alert rules in Grafana as YAML (Alerting, Alert rules, Export), and check that file.'

const formats: readonly ForeignAlerts[] = [
  {
    name: 'a Terraform file with monitors of Datadog',
    signs: [/^[ \t]*resource\s+"datadog_monitor(?:_json)?"/m],
    advice: `Write the link to its runbook into \`message\` of each monitor. ${printed}`,
  },
  {
    name: 'a Terraform file with CloudWatch alarms',
    signs: [/^[ \t]*resource\s+"aws_cloudwatch_(?:composite|metric)_alarm"/m],
    advice: `Write the link to its runbook into \`alarm_description\` of each alarm. ${printed}`,
  },
  {
    name: 'a Terraform file with alert rules of Grafana',
    signs: [/^[ \t]*resource\s+"grafana_rule_group"/m],
    advice: exported,
  },
  {
    name: 'a CloudFormation template with CloudWatch alarms',
    signs: [/\bType["']?[ \t]*:[ \t]*["']?AWS::CloudWatch::(?:Composite)?Alarm\b/m],
    advice: `Write the link to its runbook into \`AlarmDescription\` of each alarm. ${printed}`,
  },
  {
    name: 'an answer of `aws cloudwatch describe-alarms`',
    signs: [/"(?:Composite|Metric)Alarms"\s*:\s*\[/],
    advice: `Write the link to its runbook into \`AlarmDescription\` of each alarm. ${printed}`,
  },
  {
    name: 'a monitor of Datadog',
    signs: [
      /"type"\s*:\s*"(?:metric alert|query alert|service check|event(?:-v2)? alert|log alert|composite|slo alert|synthetics alert|trace-analytics alert|process alert|rum alert)"/,
    ],
    advice: `Write the link to its runbook into \`message\` of the monitor. ${printed}`,
  },
  {
    name: 'a dashboard of Grafana',
    signs: [/"panels"\s*:\s*\[/, /"schemaVersion"\s*:\s*\d/],
    advice: exported,
  },
]

/** The format of a text whose alerts are not read, and where its first sign stands. */
export function foreignAlerts(
  text: string,
): (Pick<ForeignAlerts, 'name' | 'advice'> & { offset: number }) | undefined {
  for (const { name, advice, signs } of formats) {
    const [offset = -1, ...others] = signs.map((sign) => text.search(sign))
    if (![offset, ...others].includes(-1)) return { name, advice, offset }
  }
  return undefined
}

/** A hint about the first of the files whose alerts are not read. Undefined when there is none. */
export function foreignHint(files: readonly Pick<RuleFile, 'file' | 'text'>[]): string | undefined {
  for (const { file, text } of files) {
    const foreign = foreignAlerts(text)
    if (foreign) return `\`${file}\` is ${foreign.name}, which is not read. ${foreign.advice}`
  }
  return undefined
}
