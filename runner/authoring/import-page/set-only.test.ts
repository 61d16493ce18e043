import { expect, test } from 'vitest'
import { onlySets } from './set-only.ts'

test.each([
  ['export A=1', ['A']],
  ['A=1; B="two words" # of the team', ['A', 'B']],
  ['# first\nset -euo pipefail\n\nA=$(date +%s)\nexport A\n', ['A']],
  ["export -n A='x y'\nB=`hostname` && readonly C=${B%%.*}", ['A', 'B', 'C']],
  ['A=$(kubectl get pods \\\n  -o name | head -1)', ['A']],
  ['A="$(\n  cat x\n)"', ['A']],
])('%j only sets variables', (code, names) => {
  expect(onlySets(code)).toEqual(names)
})

test.each([
  '',
  '# A=1',
  'A=1 make',
  'A=1\nmake',
  'export A=1 && make',
  'A=1 > x',
  'set -e',
  'A=(1 2)',
  'echo A=1',
])('%j is another script', (code) => {
  expect(onlySets(code)).toEqual([])
})

test('a long script is read in the time of its length', () => {
  expect(onlySets(`${'A=1\n'.repeat(20_000)}B="${'x'.repeat(20_000)}"`)).toEqual(['A', 'B'])
  expect(onlySets(`A=1${' '.repeat(20_000)}x${'"$(a) '.repeat(20_000)}`)).toEqual([])
})
