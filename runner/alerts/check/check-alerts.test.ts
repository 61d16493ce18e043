import { expect, test } from 'vitest'
import { commonAnnotations, templateGlobs } from './alertmanager.ts'
import type { CheckOptions } from './alert.ts'
import { checkRules } from './check-alerts.ts'
import { unreferenced } from './alert-pages.ts'
import { promtoolFindings } from './promtool-findings.ts'
import { fixFile } from '../fix-file.ts'
import { anchorsIn } from '../pages/page-anchors.ts'
import { ownSite } from '../pages/own.ts'
import { makeSite } from '../pages/page-site.ts'
import type { ForeignPage } from '../pages/page-site.ts'
import { readRuleFile } from '../read/read-rules.ts'
import { kinds } from '../../kinds/all.ts'
import { readRunbook } from '../../model/read-runbook.ts'

const database = `---
title: Database
aliases: [old/db]
inputs:
  service: { aliases: [SVC], fromLabel: job }
  count: { type: int, default: 1 }
  token: { type: secret }
alerts:
  - { name: DatabaseLocks, step: locks }
---

## Look at it

<Command id="locks" was="blocked" title="Locks">

\`\`\`bash
echo "$service"
\`\`\`

</Command>
`

const own = () => {
  const source = { file: 'database.mdx', slug: 'database', bytes: Buffer.from(database) }
  return ownSite([{ document: readRunbook(source, kinds).document, text: database }])
}

const options = (more: Partial<CheckOptions> = {}): CheckOptions => ({
  bases: ['https://x.example/'],
  site: own(),
  severities: ['critical'],
  labels: [],
  ...more,
})

const alert = (url: string, { expr = 'up == 0', extra = '' } = {}) =>
  `groups:\n- name: g\n  rules:\n  - alert: DatabaseLocks\n    expr: ${JSON.stringify(expr)}\n    for: 5m\n    labels: {severity: critical, team: db}\n    annotations:\n      runbook_url: ${JSON.stringify(url)}\n${extra}`

const check = (text: string, more: Partial<CheckOptions> = {}) =>
  checkRules([readRuleFile('a.yml', Buffer.from(text))], options(more))
const codes = (text: string, more: Partial<CheckOptions> = {}) =>
  check(text, more).findings.map(({ code, severity }) => `${code} ${severity}`)

test('a link to a step with its values has nothing to say about it', () => {
  expect(
    codes(alert('https://x.example/runbooks/database/?service={{ $labels.job | urlquery }}&count=3#locks')),
  ).toEqual([])
  expect(codes(alert('http://x.example/Runbooks/DATABASE?SVC=a&alertname=b#Blocked'))).toEqual(['AL10 error'])
  expect(codes(alert('https://x.example/alerts/databaselocks?job=a'))).toEqual([])
  expect(codes(alert('https://x.example/runbooks/old/db/?job=a#look-at-it'))).toEqual([])
})

test('links to the pages of others are left alone', () => {
  expect(codes(alert('https://y.example/runbooks/nothing#nowhere'))).toEqual([])
  expect(codes(alert('https://x.example.org/runbooks/nothing'))).toEqual([])
  expect(codes(alert('https://x.example/docs/guide/'))).toEqual([])
})

test.each([
  ['a page that is not there', 'https://x.example/runbooks/databse/?job=a', ['AL02 error']],
  ['an anchor that is not there', 'https://x.example/runbooks/database/?job=a#lock', ['AL03 error']],
  ['a parameter that is no input', 'https://x.example/runbooks/database/?job=a&servce=b', ['AL04 error']],
  ['a required input without a value', 'https://x.example/runbooks/database/', ['AL05 warning']],
  ['a value that cannot be', 'https://x.example/runbooks/database/?job=a&count=many', ['AL06 error']],
  [
    'a label without urlquery',
    'https://x.example/runbooks/database/?job={{ $labels.job }}',
    ['AL08 warning'],
  ],
  ['a query behind the fragment', 'https://x.example/runbooks/database/#locks?job=a', ['AL09 error']],
  ['a password', 'https://me:hunter2@y.example/', ['AL10 error']],
  ['a token', 'https://y.example/?token=abc', ['AL10 error']],
])('%s is found', (_, url, expected) => {
  expect(codes(alert(url))).toEqual(expected)
})

test('a dangling link names the page nearest to it', () => {
  expect(check(alert('https://x.example/runbooks/databse/?job=a')).findings[0]).toMatchObject({
    place: { line: 9, column: 48, endColumn: 55 },
    hint: 'The nearest is `runbooks/database` (database.mdx).',
  })
})

test('what a template fills in is not judged', () => {
  expect(
    codes(alert('https://x.example/runbooks/{{ $labels.job }}?count={{ $value }}#{{ $labels.job }}')),
  ).toEqual([])
  expect(codes(alert('https://x.example/runbooks/database?job=a&count={{ $labels.n | urlquery }}'))).toEqual(
    [],
  )
})

test('an alert that wakes somebody needs a link, others need none', () => {
  const text =
    'groups:\n- name: g\n  rules:\n  - {alert: A, expr: up, for: 1m, labels: {severity: Critical}}\n  - {alert: B, expr: up, labels: {severity: info}}\n'
  expect(codes(text)).toEqual(['AL01 error'])
  expect(codes(text, { severities: ['any'] })).toEqual(['AL01 error', 'AL01 error', 'AL14 info'])
  expect(codes(text, { labels: [['severity', 'info']] })).toEqual([])
  expect(codes(text.replace('expr: up, for: 1m', 'expr: up'))).toEqual(['AL01 error', 'AL14 info'])
})

test('without a runbook link, the address of another annotation is named, unless it is of a figure', () => {
  const hint = (key: string) =>
    check(
      `groups:\n- name: g\n  rules:\n  - {alert: A, expr: up, for: 1m, labels: {severity: critical}, annotations: {${key}: 'https://x.example/y'}}\n`,
    ).findings[0]?.hint
  expect(hint('documentation')).toBe(
    'If the address in `documentation` is the runbook, name that annotation `runbook_url`.',
  )
  expect(hint('dashboard_url')).toContain('`runbook alerts scaffold <file>` writes the page')
})

test.each([
  'time() - max(backup_last_success_seconds) > 86400',
  'max(errors:ratio_rate5m > 0.1) and max(errors:ratio_rate1h > 0.1)',
  'increase(panics_total[10m]) > 0',
])('an expression that looks back holds by itself: %s', (expr) => {
  const rule = (text: string) => alert('https://x.example/runbooks/database/?job=a', { expr: text })
  expect(codes(rule(expr).replace('    for: 5m\n', ''))).toEqual([])
  expect(codes(rule('job:errors:sum > 1').replace('    for: 5m\n', ''))).toEqual(['AL14 info'])
})

test('a rule that a chart may add annotations to is not said to lack one', () => {
  const text =
    '{{- if .Values.x }}\ngroups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    labels:\n      severity: critical\n    annotations:\n      {{- toYaml .Values.annotations | nindent 6 }}\n{{- end }}\n'
  expect(codes(text)).toEqual([])
})

test('a label is an error only when the expression certainly cannot have it', () => {
  const link = 'https://x.example/runbooks/database/?job={{ $labels.job | urlquery }}'
  expect(codes(alert(link, { expr: 'sum by (ns) (up) == 0' }))).toEqual(['AL07 error'])
  expect(codes(alert(link, { expr: 'sum by (job) (up) == 0' }))).toEqual([])
  expect(codes(alert(link, { expr: 'rate({job="x"} |= "error" [5m])' }))).toEqual([])
  expect(codes(alert(link.replace('labels.job', 'labels.team'), { expr: 'sum(up)' }))).toEqual(['AL07 error'])
  expect(codes(alert(link.replace('labels.job', 'labels.team')))).toEqual(['AL07 warning'])
  expect(codes(alert(link.replace('labels.job', 'labels.alertname')))).toEqual(['AL07 error'])
  expect(codes(alert(link.replace('labels.job', 'labels.alertname'), { expr: 'ALERTS > 0' }))).toEqual([])
  const guarded = '      a: "{{ if $labels.x }}{{ $labels.x }}{{ end }}{{ $labels.y }}"\n'
  expect(codes(alert('https://y.example/', { expr: 'sum(up)', extra: guarded }))).toEqual(['AL07 warning'])
})

test('vmalert gives annotations what Prometheus does not', () => {
  const text = `kind: VMRule\nspec:\n${alert('https://y.example/?n={{ $labels.alertname | queryEscape }}').replaceAll(/^/gm, '  ')}`
  expect(codes(text.trimEnd())).toEqual([])
})

test('a base may be the action a chart begins its links with', () => {
  const text = alert('URL/runbooks/databse')
    .replace('"URL', '{{ .Values.url }}')
    .replace('databse"', 'databse')
  expect(codes(text)).toEqual([])
  expect(codes(text, { bases: ['{{.Values.url}}'] })).toEqual(['AL02 error'])
})

test('words, other schemes and an address without its scheme lead to no page; a path may be completed', () => {
  for (const url of [
    'TBD',
    'n/a',
    'see the wiki',
    'javascript:alert(1)',
    'x.example/runbooks/database/?job=a',
    'https://',
  ])
    expect(codes(alert(url)), url).toContain('AL02 error')
  for (const url of [
    'docs/database.md',
    '/runbooks/database/',
    '{{ $labels.url }}',
    'HTTPS://other.example/x',
  ])
    expect(codes(alert(url)), url).not.toContain('AL02 error')
})

test('a hint only promises --fix where --fix changes something', () => {
  const rules = alert('https://x.example/runbooks/database/#locks?job=a')
  const hint = (text: string) => check(text).findings.find(({ code }) => code === 'AL09')?.hint
  expect(hint(rules)).toContain('`--fix` does it')
  expect(hint(JSON.stringify({ data: { 'rules.yml': rules } }))).toBe(
    'Write `?…` before `#…` where the string is made.',
  )
})

test('--fix changes the links and not one other byte', () => {
  const before = `# top\r\n${alert(
    'https://x.example/runbooks/database/#locks?job={{ $labels.job }}&n={{ $labels.n | urlquery }}',
  )
    .replaceAll('\n', '   # c\r\n')
    .replace(/(groups:|rules:|name: g) {3}# c/g, '$1')}`
  const file = readRuleFile('a.yml', Buffer.from(before))
  const mended = fixFile(file, (one) => checkRules([one], options()).findings)
  expect(mended?.text).toBe(
    before.replace(
      '#locks?job={{ $labels.job }}&n={{ $labels.n | urlquery }}',
      '?job={{ $labels.job | urlquery }}&n={{ $labels.n | urlquery }}#locks',
    ),
  )
})

test('--fix finds its way through the escapes of a chart', () => {
  const text = alert('URL').replace(
    '"URL"',
    `'https://x.example/runbooks/database/?job={{ "{{" }} $labels.job {{ "}}" }}&n={{\`{{ $labels.n }}\`}}'`,
  )
  const mended = fixFile(
    readRuleFile('a.yml', Buffer.from(text)),
    (one) => checkRules([one], options()).findings,
  )
  expect(mended?.text).toBe(
    text.replace('labels.job', 'labels.job | urlquery').replace('labels.n', 'labels.n | urlquery'),
  )
})

const tree = (files: Record<string, string>) => {
  const pages = Object.entries(files).map(([file, text]): ForeignPage => ({
    address: file.toLowerCase().replace('.md', ''),
    file,
    text,
    anchors: anchorsIn(text),
    alerts: [],
  }))
  return makeSite(pages, new Map(), ['', 'content'])
}

test('links that are paths are followed below the folder that they begin with', () => {
  const site = tree({ 'api/down.md': '# Down\n\n## Look\n' })
  const follow = (url: string, base: string) => codes(alert(url), { site, bases: [base] })
  expect(follow('docs/api/down.md#look', './docs')).toEqual([])
  expect(follow('/docs/api/down.md#lok', './docs')).toEqual(['AL03 error'])
  expect(follow('docs/api/up.md', './docs/')).toEqual(['AL02 error'])
  expect(follow('api/down.md', './')).toEqual([])
  expect(follow('https://x.example/api/up.md', './')).toEqual([])
})

test('pages of another site are found whatever their case, and their headings are anchors', () => {
  const site = tree({
    'content/Pods/KubePodDown.md': '# KubePodDown\n\n##### Alert Name: "KubePod `Down`" {#own}\n\nSet\n---\n',
  })
  const find = (url: string) => codes(alert(url), { site })
  expect(find('https://x.example/pods/kubepoddown/#alert-name-kubepod-down')).toEqual([])
  expect(find('https://x.example/content/pods/KubePodDown.md#own')).toEqual([])
  expect(find('https://x.example/pods/kubepoddown#set')).toEqual([])
  expect(find('https://x.example/pods/kubepoddown#unset')).toEqual(['AL03 error'])
  expect(find('https://x.example/kubepoddown')).toEqual(['AL02 error'])
})

test('runbooks and alerts that do not know of each other are told of', () => {
  const { subjects } = check(
    alert('https://x.example/runbooks/database/?job=a').replace('DatabaseLocks', 'Renamed'),
  )
  expect(unreferenced(subjects, own())).toMatchObject([
    { code: 'AL13', alert: 'DatabaseLocks', place: { line: 9 } },
  ])
  const site = tree({ 'a.md': 'See [b](./b.md).', 'b.md': '', 'c.md': '', 'readme.md': '' })
  const linked = check(alert('https://x.example/a'), { site }).subjects
  expect(unreferenced(linked, site).map(({ place }) => place.file)).toEqual(['c.md'])
  expect(unreferenced(check(alert('https://y.example/a'), { site }).subjects, site)).toEqual([])
})

test('a notification template that reads the common link is found when links differ', () => {
  const files = [
    { file: 'a.tmpl', text: '{{ .CommonAnnotations.runbook_url }}\n{{ .CommonAnnotations.summary }}' },
  ]
  const varying = check(
    alert('https://x.example/runbooks/database/?job={{ $labels.job | urlquery }}'),
  ).subjects
  expect(commonAnnotations(files, varying)).toMatchObject([{ code: 'AL12', place: { line: 1, column: 4 } }])
  expect(commonAnnotations(files, check(alert('https://y.example/')).subjects)).toEqual([])
  expect(templateGlobs("templates:\n  - '/etc/*.tmpl'\n  - b.tmpl\nroute: {}\n")).toEqual([
    '/etc/*.tmpl',
    'b.tmpl',
  ])
  expect(templateGlobs('templates: ["a.tmpl", b.tmpl]')).toEqual(['a.tmpl', 'b.tmpl'])
})

test('what promtool prints is read, whatever its exit code says', () => {
  const file = readRuleFile('a.yml', Buffer.from(alert('https://y.example/', { expr: 'sum(' })))
  const said =
    'Checking a.yml\n  FAILED:\nlint error 1 duplicate rule(s) found.\nMetric: DatabaseLocks\nLabel(s):\n\tseverity: critical\nMight cause inconsistency\na.yml: 5:11: group "g", rule 1, "DatabaseLocks": could not parse expression: 1:5: parse error\n  line 1: field namespace not found in type rulefmt.RuleGroups\n'
  const findings = promtoolFindings(said, [file])
  expect(findings.map(({ severity, place, hint }) => [severity, place.line, hint])).toEqual([
    ['warning', 4, expect.stringContaining('another name or a label')],
    ['error', 5, 'Prometheus refuses the whole file.'],
    ['warning', 1, expect.stringContaining('promtool may be older than the rules')],
  ])
})

test('inside range and with the dot is not the alert, and $labels is', () => {
  const summary = (text: string): string[] =>
    codes(
      alert('https://y.example/', {
        expr: 'count by (cluster) (up == 0)',
        extra: `      summary: '${text}'\n`,
      }),
    )
  expect(summary('{{ range query "up" }}{{ .Labels.host }}{{ end }}')).toEqual([])
  expect(summary('{{ range $i, $e := query "up" }}{{ $e.Labels.host }}{{ end }}')).toEqual([])
  expect(
    summary('{{ with query "up" | first }}{{ if .Labels.a }}{{ .Labels.host }}{{ end }}{{ end }}'),
  ).toEqual([])
  expect(summary('{{ (query "up" | first).Labels.host }}')).toEqual([])
  expect(summary('{{ range query "up" }}{{ $labels.host }}{{ end }}')).toEqual(['AL07 warning'])
  expect(summary('{{ range query "up" }}{{ .Labels.a }}{{ else }}{{ .Labels.host }}{{ end }}')).toEqual([
    'AL07 warning',
  ])
  expect(summary('{{ range query "up" }}x{{ end }}{{ .Labels.host }}')).toEqual(['AL07 warning'])
  expect(summary('{{ if true }}{{ .Labels.cluster }}{{ end }}{{ index .Labels "host" }}')).toEqual([
    'AL07 warning',
  ])
})

test('a label that `without` takes away is named with the others', () => {
  const text = alert('https://y.example/', {
    expr: 'min(up) without (instance, pod) < 2',
    extra: "      summary: '{{ $labels.instance }}'\n",
  })
  expect(check(text).findings[0]?.hint).toBe('It has every label but `instance`, `pod`.')
})

test('a query behind the fragment is moved inside a literal of a chart', () => {
  const before = '{{`https://x.example/runbooks/database/?count=1#locks?job={{ $labels.job | urlquery }}`}}'
  const after = '{{`https://x.example/runbooks/database/?count=1&job={{ $labels.job | urlquery }}#locks`}}'
  const text = alert('URL').replace('"URL"', () => `'${before}'`)
  const file = readRuleFile('a.yml', Buffer.from(text))
  const fixed = fixFile(file, (one) => checkRules([one], options()).findings)
  expect(fixed?.text).toBe(text.replace(before, () => after))
})
