import { execFileSync } from 'node:child_process'
import { sample, string } from 'fast-check'
import { expect, test } from 'vitest'
import { shellWord } from './fill-values.ts'

test('a plain value stays readable', () => {
  expect(shellWord('v1.4.0-rc.1+build/2026')).toBe('v1.4.0-rc.1+build/2026')
})

test('whatever a link carries, a shell reads it as one word of that text', () => {
  const values = sample(string({ unit: 'binary-ascii', minLength: 1 }), { numRuns: 200, seed: 7 }).map(
    (text) => text.replaceAll('\0', ''),
  )
  const line = values.map(shellWord).join(' ')
  const read = execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
  expect(read.split('\0').slice(0, -1)).toEqual(values)
})
