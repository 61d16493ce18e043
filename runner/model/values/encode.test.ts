import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import * as filling from './encode.ts'
import { encode, looseYamlTemplates } from './encode.ts'
import { unmarked } from './template.ts'

vi.setConfig({ testTimeout: 60_000 })

const fillHttp = (...args: Parameters<typeof filling.fillHttp>): string => unmarked(filling.fillHttp(...args))
const fillPromql = (...args: Parameters<typeof filling.fillPromql>): string =>
  unmarked(filling.fillPromql(...args))
const fillYaml = (...args: Parameters<typeof filling.fillYaml>): string => unmarked(filling.fillYaml(...args))

const any = fc.string({ unit: 'grapheme' })
const x = '${{ inputs.x }}'
const always = (value: string) => () => value

test('a value in an address stays one part of it, whatever it holds', () => {
  fc.assert(
    fc.property(any, (value) => {
      const line = fillHttp(`GET https://example.com/a/${x}/b?q=${x}&r=1`, always(value)).split(' ')[1] ?? ''
      const url = new URL(line)
      expect(url.host).toBe('example.com')
      expect(url.pathname.split('/')).toHaveLength(4)
      expect(url.searchParams.get('r')).toBe('1')
      if (!/^\.{1,2}$/.test(value)) expect(url.searchParams.get('q')).toBe(value.toWellFormed())
    }),
  )
})

test('a value in a header stays on its line', () => {
  fc.assert(
    fc.property(any, (value) => {
      expect(fillHttp(`GET https://a.b/\nX-Name: ${x}\n\n`, always(value)).split(/\r?\n/)).toHaveLength(4)
    }),
  )
})

test('a value in a JSON body stays one value, quoted or not', () => {
  fc.assert(
    fc.property(any, (value) => {
      const filled = fillHttp(
        `POST https://a.b/\nContent-Type: application/json\n\n{"a": "${x}", "b": ${x}, "c": 1}`,
        always(value),
      )
      const body = JSON.parse(filled.slice(filled.indexOf('{'))) as Record<string, unknown>
      expect(Object.keys(body)).toEqual(['a', 'b', 'c'])
      expect(body['a']).toBe(value)
      expect(String(body['b'])).toBe(
        String(/^[-\d]/.test(value) && typeof body['b'] === 'number' ? Number(value) : value),
      )
    }),
  )
})

test('a value in a form body is one field', () => {
  const filled = fillHttp(
    `POST https://a.b/\nContent-Type: application/x-www-form-urlencoded\n\na=${x}&b=1`,
    always('1&b=2'),
  )
  expect(filled.split('\n').at(-1)).toBe('a=1%26b%3D2&b=1')
})

test('a value in a label matcher cannot end it', () => {
  expect(fillPromql(`up{a="${x}",b=~"${x}"}`, always('x"} or up{y=".*'))).toBe(
    'up{a="x\\"} or up{y=\\".*",b=~"x\\\\\\"\\\\} or up\\\\{y=\\\\\\"\\\\.\\\\*"}'.replaceAll(
      '\\\\\\"',
      '\\"',
    ),
  )
  expect(encode('promql-bare', '5m')).toBe('5m')
  expect(encode('promql-bare', '1) or up')).toBe('""')
})

test('a value in a YAML fence stays inside its quotes', () => {
  fc.assert(
    fc.property(any, (value) => {
      const read = parse(fillYaml(`- a: '${x}'\n  b: "${x}"\n  c: ${x}\n  d: 1`, always(value))) as Record<
        string,
        unknown
      >[]
      expect(read).toHaveLength(1)
      expect(Object.keys(read[0] ?? {})).toEqual(['a', 'b', 'c', 'd'])
      if (!/[\r\n\u0085\u2028\u2029\uFEFF]/.test(value)) expect(read[0]?.['b']).toBe(value)
    }),
  )
})

test('a template in the middle of an unquoted YAML value is found', () => {
  expect(looseYamlTemplates(`- query: up{a="${x}"}\n- b: ${x}\n- c: '${x}'`)).toHaveLength(0 + 1)
})
