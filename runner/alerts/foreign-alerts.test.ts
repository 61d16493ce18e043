import { expect, it, test } from 'vitest'
import { foreignAlerts, foreignHint } from './foreign-alerts.ts'
import { readRuleFile } from './read/read-rules.ts'

const monitor =
  'resource "datadog_monitor" "cpu" {\n  message = <<EOT\n{{#is_alert}} alert: {{host}}\nEOT\n}\n'

test.each([
  [monitor, 'a Terraform file with monitors of Datadog', 1],
  [
    '# Alarms\n\nresource "aws_cloudwatch_metric_alarm" "cpu" {\n}\n',
    'a Terraform file with CloudWatch alarms',
    3,
  ],
  ['resource "grafana_rule_group" "cpu" {\n}\n', 'a Terraform file with alert rules of Grafana', 1],
  [
    'Resources:\n  Cpu:\n    Type: AWS::CloudWatch::Alarm\n',
    'a CloudFormation template with CloudWatch alarms',
    3,
  ],
  [
    '{"Resources":{"Cpu":{"Type":"AWS::CloudWatch::CompositeAlarm"}}}',
    'a CloudFormation template with CloudWatch alarms',
    1,
  ],
  ['{"MetricAlarms": []}', 'an answer of `aws cloudwatch describe-alarms`', 1],
  ['{"name": "CPU", "type": "query alert"}', 'a monitor of Datadog', 1],
  ['{\n  "schemaVersion": 36,\n  "panels": [{"alert": {"name": "x"}}]\n}', 'a dashboard of Grafana', 3],
])('%j is refused by name, with the line of its sign', (text, name, line) => {
  const foreign = foreignAlerts(text)
  expect(foreign).toMatchObject({ name, advice: expect.stringMatching(/\S\.$/) })
  expect(text.slice(0, foreign?.offset).split('\n')).toHaveLength(line)
  expect(readRuleFile('a', Buffer.from(text))).toMatchObject({ rules: [], problems: [] })
})

it('says of several files which is not read, and where the link belongs', () => {
  const files = [
    { file: 'a.yml', text: 'a: 1\n' },
    { file: 'b.tf', text: monitor },
  ]
  expect(foreignHint(files)).toBe(
    '`b.tf` is a Terraform file with monitors of Datadog, which is not read. Write the link to its runbook into `message` of each monitor. `runbook alerts links` prints each link.',
  )
  expect(foreignHint(files.slice(0, 1))).toBeUndefined()
})

it('leaves rules of Prometheus and of Grafana alone', () => {
  for (const text of [
    'groups:\n- name: g\n  rules:\n  - alert: Down\n    expr: up == 0\n    annotations: {dashboard: "panels"}\n',
    'apiVersion: 1\ngroups:\n- name: g\n  rules:\n  - uid: a\n    title: Down\n    condition: A\n',
  ])
    expect(foreignAlerts(text)).toBeUndefined()
})
