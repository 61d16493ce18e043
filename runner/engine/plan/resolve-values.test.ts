import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resolveAttributes, resolveFence, resolveWords, settled, settledWords } from './resolve-values.ts'
import { evaluateCel } from '../../model/values/cel.ts'
import { scriptLanguages } from '../../model/steps/languages.ts'
import type { Fence } from '../../model/runbook.ts'

const place = { file: 'x.mdx', line: 1, column: 1 }
const fence = (lang: string, code: string): Fence => ({ role: 'main', lang, flags: [], code, place })

/** What a step with these texts becomes when its inputs are known at the plan and its outputs at its turn. */
function inTwoPasses(title: string, code: string, input: string, output: string) {
  const early = { inputs: { a: input } }
  const late = { inputs: { a: input }, outputs: { b: output } }
  const planned = {
    attributes: resolveAttributes({ title }, early),
    fences: [resolveFence(fence('sql', code), early)],
  }
  return settled({
    attributes: resolveAttributes(planned.attributes, late),
    fences: planned.fences.map((one) => resolveFence(one, late)),
  })
}

test('a value that looks like a template is never read as one', () => {
  const { attributes, fences } = inTwoPasses(
    '${{ inputs.a }}',
    '${{ inputs.a }} $${{ inputs.a }}',
    '${{ outputs.b }}',
    'stolen',
  )
  expect(attributes['title']).toBe('${{ outputs.b }}')
  expect(fences[0]?.code).toBe('${{ outputs.b }} $${{ outputs.b }}')
})

test('two passes give what one would, whatever the values hold', () => {
  const value = fc.string({ unit: fc.constantFrom('$', '{', '}', ' ', 'a', 'outputs.b', '${{ outputs.b }}') })
  fc.assert(
    fc.property(value, value, (input, output) => {
      const { attributes } = inTwoPasses('<${{ inputs.a }}|${{ outputs.b }}>', '', input, output)
      expect(attributes['title']).toBe(`<${input}|${output}>`)
    }),
  )
})

test('no value ever becomes a part of a script, whatever runs it', () => {
  const values = { inputs: { a: 'danger' }, outputs: { b: 'danger' }, run: { id: 'danger' } }
  const code = '${{ inputs.a }} ${{ outputs.b }} ${{ run.id }}'
  for (const lang of scriptLanguages) expect(resolveFence(fence(lang, code), values).code).toBe(code)
  expect(resolveFence(fence('text', `#!/bin/sh\n${code}`), values).code).toBe(`#!/bin/sh\n${code}`)
})

test('a value in an expression is one literal, whatever it holds', () => {
  const said = (expression: string, value: string): unknown => {
    const early = resolveAttributes({ expect: expression }, { inputs: { a: value } }, ['expect'])
    const late = resolveAttributes(early, { outputs: { b: 'stolen' } }, ['expect'])
    return evaluateCel(String(settled({ attributes: late, fences: [] }).attributes['expect']), {
      text: value,
    })
  }
  const pieces = fc.constantFrom("'", '"', '\\', '\n', '${{ outputs.b }}', ' || true || ', '{', '}', 'x', 'é')
  fc.assert(
    fc.property(fc.array(pieces), (parts) => {
      const value = parts.join('')
      expect(said("text == '${{ inputs.a }}'", value)).toBe(true)
      expect(said('text == "${{ inputs.a }}"', value)).toBe(true)
      expect(said('text == ${{ inputs.a }}', value)).toBe(true)
    }),
  )
  expect(said('3.5 == ${{ inputs.a }}', '3.5')).toBe(true)
})

test('the words of a step are filled in two passes, and a value is never read as a template', () => {
  const source = {
    title: 'T',
    prose: 'before `${{ inputs.a }}`',
    tasks: [{ text: 'read ${{ inputs.a }} and ${{ outputs.b }}', place }],
    attributes: { title: '${{ inputs.a }} and ${{ outputs.b }}' },
  }
  const planned = { ...source, ...resolveWords(source, { inputs: { a: '${{ outputs.b }}' } }) }
  const early = { ...planned, attributes: { title: planned.title } }
  const { title, prose, tasks } = settledWords(resolveWords(early, { outputs: { b: 'two' } }))
  expect(title).toBe('${{ outputs.b }} and two')
  expect(prose).toBe('before `${{ outputs.b }}`')
  expect(tasks[0]?.text).toBe('read ${{ outputs.b }} and two')
})
