import { expect, test } from 'vitest'
import { annotationLine, annotationsOf } from './annotation.ts'
import { readRuleFile } from './read/read-rules.ts'
import { slugOf, stubFor } from './scaffold.ts'
import { kinds } from '../kinds/all.ts'
import { readRunbook } from '../model/read-runbook.ts'

const stub = (rule: object) => {
  const text = JSON.stringify({ groups: [{ name: 'g', rules: [rule] }] })
  const [first] = readRuleFile('a.json', Buffer.from(text)).rules
  if (!first) throw new Error('no rule')
  return stubFor(first)
}
const read = ({ slug, text }: { slug: string; text: string }) =>
  readRunbook({ file: `${slug}.mdx`, slug, bytes: Buffer.from(text) }, kinds)

test('the page of an alert takes its inputs from the labels the expression can have', () => {
  const page = stub({
    alert: 'KubePodDown',
    expr: 'sum by (namespace, Pod) (up) == 0',
    labels: { severity: 'critical' },
  })
  const { runbook, diagnostics } = read(page)
  expect(diagnostics).toEqual([])
  expect(Object.keys(runbook?.meta.inputs ?? {})).toEqual(['namespace', 'pod', 'prometheus_url'])
  expect(page.text.match(/^## .*/gm)).toEqual(['## Meaning', '## Impact', '## Diagnosis', '## Mitigation'])
})

test('the annotation of a page fills its inputs from the alert and opens its step', () => {
  const { document } = read(stub({ alert: 'KubePodDown', expr: 'sum by (namespace) (up) == 0' }))
  const [annotation] = annotationsOf(document, 'https://x.example/')
  expect(annotation).toMatchObject({
    alert: 'KubePodDown',
    url: 'https://x.example/runbooks/kube-pod-down/?namespace={{ $labels.namespace | urlquery }}#look',
    asked: [],
  })
  expect(annotationLine("https://x/'")).toBe("runbook_url: 'https://x/'''")
})

test.each([
  { alert: 'A', expr: 'up{a="```{x}<b>${{ inputs.x }}"} == 0' },
  {
    alert: 'A: "b" #c',
    expr: 'up',
    annotations: {
      summary: 'a: b # c {{ $labels.x }}',
      description: '<script>{process.env}</script>\n---\n```',
    },
  },
  { alert: '---', expr: "up{a='x'} == 0\n" },
  {
    alert: 'B',
    expr: '',
    labels: { severity: '{{ $value }}' },
    annotations: { description: '${{ run.id }} ${{ outputs.x }}' },
  },
])('a page passes the check whatever the rule holds: $alert', (rule) => {
  expect(read(stub(rule)).diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
})

test('the name of a page is made of words', () => {
  expect(['KubePodCrashLooping', 'etcdHTTPRequestsSlow', 'a_b C', '../../etc', '…'].map(slugOf)).toEqual([
    'kube-pod-crash-looping',
    'etcd-http-requests-slow',
    'a-b-c',
    'etc',
    'alert',
  ])
})
