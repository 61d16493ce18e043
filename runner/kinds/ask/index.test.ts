import { expect, test } from 'vitest'
import { fakeContext, fenceOf } from '../../../test/support/fake-context.ts'
import { readRunbook } from '../../model/read-runbook.ts'
import { ask, parseFields } from './index.ts'
import { problemOf } from '../../model/problem.ts'

test('each field is asked with its type, and becomes an output', async () => {
  const fences = [fenceOf('yaml', 'severity: { type: choice, options: [P1, P2] }\nnote: { type: text }')]
  const answers = { 'one/severity': { value: 'P1' }, 'one/note': { value: 'it is slow' } }
  const context = fakeContext({ step: { fences }, answers })
  const ended = await ask.run(ask.params.parse({ outputs: 'severity, note' }), context)
  expect(ended.outputs).toEqual({ severity: 'P1', note: 'it is slow' })
  expect(context.asked[0]?.question).toMatchObject({ name: 'severity', spec: { type: 'choice' }, of: 2 })
})

test('a secret is refused, since what is asked in mid-run is recorded', () => {
  expect(problemOf(parseFields('token: { type: secret }'))).toContain('Unexpected secret `token`')
})

test('the outputs of a step are exactly the fields it asks for', () => {
  const text =
    '---\ntitle: T\n---\n\n<Ask id="a" title="A" outputs="severty">\n\n```yaml\nseverity: {}\n```\n\n</Ask>\n'
  const { diagnostics } = readRunbook({ file: 'x.mdx', slug: 'x', bytes: Buffer.from(text) }, [ask])
  expect(diagnostics.map(({ code, hint }) => [code, hint])).toEqual([
    ['invalid-attribute', 'Write outputs="severity".'],
  ])
})
