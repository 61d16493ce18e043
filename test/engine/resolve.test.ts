import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resolveAttributes, resolveFence, settled } from '../../runner/engine/resolve.ts'
import type { Fence } from '../../runner/model/runbook.ts'

const place = { file: 'x.mdx', line: 1, column: 1 }
const fence = (lang: string, code: string): Fence => ({ role: 'main', lang, flags: [], code, place })

/** What a step with these texts becomes when its inputs are known at the plan and its outputs at its turn. */
function inTwoPasses(title: string, code: string, input: string, output: string) {
  const early = { inputs: { a: input } }
  const late = { inputs: { a: input }, outputs: { b: output } }
  const planned = {
    attributes: resolveAttributes({ title }, early),
    fences: [resolveFence(fence('node', code), early)],
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
