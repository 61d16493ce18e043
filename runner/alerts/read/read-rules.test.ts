import { expect, test } from 'vitest'
import { placesIn } from '../finding.ts'
import { readRuleFile } from './read-rules.ts'
import { entry } from '../rule.ts'

const read = (text: string | Uint8Array) =>
  readRuleFile('a.yml', typeof text === 'string' ? Buffer.from(text) : text)
const names = (text: string | Uint8Array) => read(text).rules.map(({ name }) => name.value)

const rule = (name: string, indent = '') => `${indent}- alert: ${name}\n${indent}  expr: up == 0\n`
const group = (rules: string) => `groups:\n- name: g\n  rules:\n${rules}`

test('a plain file gives its alerts with group, labels and the place of each text', () => {
  const text = `${group(rule('Down', '  '))}    labels: {severity: critical}\n    annotations:\n      runbook_url: "https://x/y"\n`
  const file = read(text)
  const [first] = file.rules
  expect(first).toMatchObject({ name: { value: 'Down' }, group: 'g', flavor: 'prometheus', open: false })
  const url = entry(first?.annotations ?? [], 'runbook_url')
  expect(url?.value).toBe('https://x/y')
  expect(placesIn('a.yml', text)(url?.start ?? 0)).toEqual({ file: 'a.yml', line: 8, column: 20 })
  expect(file.plain).toBe(true)
})

test('recording rules and files without alerts give nothing and no problem', () => {
  expect(read(group('  - record: a\n    expr: up\n'))).toMatchObject({ rules: [], problems: [] })
  expect(read('{{ this: is [not yaml')).toMatchObject({ rules: [], problems: [] })
  expect(read('')).toMatchObject({ rules: [], problems: [] })
})

test('a PrometheusRule, a List of them and several documents are all read', () => {
  const spec = group(rule('A', '  ')).replaceAll(/^/gm, '  ').trimEnd()
  const one = `kind: PrometheusRule\nspec:\n${spec}\n`
  expect(names(one)).toEqual(['A'])
  expect(names(`${one}---\n${one.replace('A', 'B')}---\n# nothing\n`)).toEqual(['A', 'B'])
  const list = {
    kind: 'List',
    items: [
      { kind: 'PrometheusRule', spec: { groups: [{ name: 'g', rules: [{ alert: 'J', expr: 'up' }] }] } },
    ],
  }
  expect(names(JSON.stringify(list))).toEqual(['J'])
})

test('a chart may keep each rule in a file, or under a key, of its own', () => {
  const own = 'alert: {{ $name }}\nexpr: up == 0\nlabels:\n  severity: critical\n'
  const [first] = read(`{{- $name := "Down" -}}\n{{- if not (has $name .left) -}}\n${own}{{- end -}}\n`).rules
  expect(first).toMatchObject({ open: false })
  expect(entry(first?.labels ?? [], 'severity')?.value).toBe('critical')
  expect(
    names('rules:\n  down: { alert: Down, expr: up == 0 }\n  slow: { alert: Slow, expr: up }\n'),
  ).toEqual(['Down', 'Slow'])
})

test('the values of a chart and what jsonnet prints are wrappings like any other', () => {
  const values = `additionalPrometheusRulesMap:\n  mine:\n${group(rule('V', '  ')).replaceAll(/^/gm, '    ')}`
  expect(names(values)).toEqual(['V'])
  expect(
    names(
      JSON.stringify(
        { prometheusAlerts: { groups: [{ name: 'g', rules: [{ alert: 'M', expr: 'up' }] }] } },
        null,
        3,
      ),
    ),
  ).toEqual(['M'])
})

test('a rule file inside a ConfigMap is read where it stands', () => {
  const inner = `${group(rule('Inner', '  '))}    annotations:\n      runbook_url: https://x/y\n`
  const text = `kind: ConfigMap\ndata:\n  rules.yml: |\n${inner.replaceAll(/^(?=.)/gm, '    ')}`
  const file = read(text)
  const url = entry(file.rules[0]?.annotations ?? [], 'runbook_url')
  expect(text.slice(url?.start, url?.end)).toBe('https://x/y')
  expect(names(`data: {a: ${JSON.stringify(inner)}}\n`)).toEqual(['Inner'])
  expect(
    names(
      JSON.stringify({
        data: { a: JSON.stringify({ groups: [{ name: 'g', rules: [{ alert: 'Q', expr: 'up' }] }] }) },
      }),
    ),
  ).toEqual(['Q'])
})

const chart = `{{- /*
Don't change
*/ -}}
{{- $job := printf "%s-x" .Release.Name }}
{{- if .Values.rules.create }}
kind: PrometheusRule
metadata:
  labels:
{{ toYaml .Values.labels | indent 4 }}
spec:
  groups:
  - name: g
    rules:
    - alert: One
      annotations:
{{- if .Values.more }}
{{ toYaml .Values.more | indent 8 }}
{{- end }}
        description: Pod {{\`{{\`}} $labels.pod {{\`}}\`}} of {{ "{{" }} $labels.ns {{ "}}" }}.
        summary: '{{\`{{ $labels.a }}: {{ "b" }}\`}}'
        runbook_url: {{ .Values.runbookUrl }}/one
      expr: up{job="{{ $job }}"} == 0
      for: {{ .Values.for | default "10m" }}
      labels:
        severity: {{ if .Values.page }}critical{{ else }}warning{{ end }}
    - alert: Two
      expr: up == 0
      annotations:
        runbook_url: 'https://x/two'
{{- end }}
`

test('a Helm template is read as Prometheus will see it, and what only Helm knows is opaque', () => {
  const { rules, problems, text } = read(chart)
  expect(problems).toEqual([])
  expect(rules.map(({ name, open }) => [name.value, open])).toEqual([
    ['One', true],
    ['Two', false],
  ])
  const value = (name: string) => entry(rules[0]?.annotations ?? [], name)
  expect(value('description')?.value).toBe('Pod {{ $labels.pod }} of {{ $labels.ns }}.')
  expect(value('runbook_url')).toMatchObject({ opaque: true })
  expect(text.slice(value('runbook_url')?.start, value('runbook_url')?.end)).toBe(
    '{{ .Values.runbookUrl }}/one',
  )
  expect(rules[0]?.expr?.opaque).toBe(true)
  expect(rules[0]?.labels[0]?.value.opaque).toBe(true)
  expect(rules[1]?.expr?.opaque).toBe(false)
})

test('the templates of Ansible are understood in the same way', () => {
  const text = `{% for g in gs %}\n${group(rule('J', '  '))}    annotations:\n      a: "{% raw %}{{ $labels.x }}{% endraw %}"\n      b: "{{ '{{' }} $labels.y {{ '}}' }}"\n{% endfor %}\n`
  const [first] = read(text).rules
  expect(first?.annotations.map(({ value }) => value.value)).toEqual(['{{ $labels.x }}', '{{ $labels.y }}'])
})

test('the templates of Prometheus itself are not taken for those of a chart', () => {
  const text = `${group(rule('P', '  '))}    annotations:\n      a: '{{ with query "up" }}{{ . | first | value }}{{ end }} {{ $labels.x }}'\n`
  expect(read(text).rules[0]?.annotations[0]?.value).toMatchObject({
    value: '{{ with query "up" }}{{ . | first | value }}{{ end }} {{ $labels.x }}',
    opaque: false,
  })
})

test('alerts of Grafana are found in provisioning files and in what its API exports', () => {
  const alert = { title: 'High', condition: 'A', data: [{ refId: 'A', model: { expr: 'up' } }] }
  const provisioned = {
    apiVersion: 1,
    groups: [{ name: 'g', rules: [{ ...alert, annotations: { runbook_url: 'https://x' } }] }],
  }
  expect(read(JSON.stringify(provisioned)).rules[0]).toMatchObject({
    flavor: 'grafana',
    name: { value: 'High' },
  })
  expect(names(JSON.stringify([{ name: 'g', rules: [{ grafana_alert: alert, labels: {} }] }]))).toEqual([
    'High',
  ])
})

test('anchors, merges and repeated keys are followed and never stop the reading', () => {
  const text = `x: &l {severity: critical}\n${group('  - alert: A\n    expr: up\n    expr: down\n    labels:\n      <<: *l\n      team: t\n')}`
  expect(read(text).rules[0]?.labels.map(({ key, value }) => `${key.value}=${value.value}`)).toEqual(
    ['team=t', 'severity=critical'].toReversed(),
  )
})

test('a byte order mark, carriage returns and UTF-16 change neither values nor lines', () => {
  const text = group(rule('Café', '  ')).replaceAll('\n', '\r\n')
  expect(names(`\uFEFF${text}`)).toEqual(['Café'])
  expect(names(Buffer.from(`\uFEFF${text}`, 'utf16le'))).toEqual(['Café'])
})

test('a broken file is named, and its alerts are still read one by one', () => {
  const { rules, problems } = read(
    `${group(rule('A', '  '))}  - alert: B\n    expr: {{ x }} y: [\n${rule('C', '  ')}`,
  )
  expect(rules.map(({ name }) => name.value)).toEqual(['A', 'B', 'C'])
  expect(problems).toMatchObject([{ partial: false }])
})

test('a program in place of text, the syntax of Prometheus 1 and a tower of maps are problems, not crashes', () => {
  expect(read(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1])).problems).toHaveLength(1)
  expect(read('ALERT Down\n  IF up == 0\n').problems[0]?.message).toContain('Prometheus 1')
  expect(names(`a: ${'{a: '.repeat(60)}1${'}'.repeat(60)}\n${group(rule('D', '  '))}`)).toEqual(['D'])
  const bomb = `a: &a [x,x,x]\n${'bcdefghij'
    .split('')
    .map((key, at) => `${key}: &${key} [${`*${'abcdefghij'[at]},`.repeat(9)}]`)
    .join('\n')}\n${group(rule('E', '  '))}`
  expect(names(bomb)).toEqual(['E'])
})

test('any cut of a chart is read without an exception', () => {
  for (let end = 0; end < chart.length; end += 7) expect(() => read(chart.slice(0, end))).not.toThrow()
  for (let at = 0; at < chart.length; at += 11)
    expect(() => read(`${chart.slice(0, at)}{{"\`[}}:${chart.slice(at)}`)).not.toThrow()
})

test.each([
  ['a name that is a list', 'alert: [a]'],
  ['a name that is nothing', 'alert:'],
  ['labels that are a number', 'alert: B\n    labels: 3'],
  ['annotations that are a list', 'alert: B\n    annotations: [x]'],
])('%s is named at its rule, for Prometheus refuses the whole file, and the others are read', (_, item) => {
  const text = `groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n  - ${item}\n    expr: up\n`
  const { rules, problems } = readRuleFile('a.yml', Buffer.from(text))
  expect(rules.map(({ name }) => name.value)).toContain('A')
  expect(problems).toEqual([
    {
      message: expect.stringContaining('that Prometheus refuses'),
      offset: text.lastIndexOf('- alert') + 2,
      partial: false,
    },
  ])
})

test('a quoted text that goes on at the column of its key is read as Prometheus reads it', () => {
  const text = [
    'groups:',
    '  - name: g',
    '    rules:',
    '      - alert: SplitBrain',
    '        expr: count(primary == 1) > 1',
    '        annotations:',
    "          description: 'Two databases",
    "          take writes, it''s bad.'",
    '          more: "and',
    '    so on \\" here"   # a comment',
    '          runbook_url: https://x.example/runbooks/x/',
    '',
  ].join('\n')
  const { rules, problems } = read(text)
  expect(problems).toEqual([])
  const [first] = rules
  expect(entry(first?.annotations ?? [], 'description')?.value).toMatch(
    /^Two databases\s+take writes, it's bad\.$/,
  )
  const url = entry(first?.annotations ?? [], 'runbook_url')
  expect(text.slice(url?.start, url?.end)).toBe('https://x.example/runbooks/x/')
  expect(read(text.replace("it''s bad.'", "it''s bad.")).problems).toHaveLength(1)
})

test('an action of a template may stand on two lines', () => {
  const text = `${group(rule('First', '  '))}    annotations:\n      description: '{{ $n := 2.0 }}some words {{ if gt $n\n        1.0 }} more {{ end }} of it'\n${rule('Second', '  ')}`
  expect(read(text).problems).toEqual([])
  expect(names(text)).toEqual(['First', 'Second'])
})

test.each([
  '{{/* a comment {{ $labels.pod }} */}}\n        down',
  '{{ define "x" }}{{ .job }}{{ end }}\n        {{ template "x" $labels }}',
  '{{- $limit := 5.0 }}\n        above {{ $limit }}',
])('a text over lines may begin with an action that writes nothing: %s', (text) => {
  const file = read(
    `${group(rule('A', '  '))}    annotations:\n      description: |-\n        ${text}\n      runbook_url: https://x/y\n`,
  )
  expect(file.problems).toEqual([])
  expect(entry(file.rules[0]?.annotations ?? [], 'runbook_url')?.value).toBe('https://x/y')
})
