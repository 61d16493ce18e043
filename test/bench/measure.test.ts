import { expect, test } from 'vitest'
import { interleave } from './measure.ts'

const exits = (code: number): readonly [string, ...string[]] => ['sh', '-c', `echo why >&2; exit ${code}`]

test('a command is measured when it exits with the code that is expected of it, 0 where none is named', () => {
  const [plain, other] = interleave(
    [
      { name: 'plain', command: exits(0) },
      { name: 'other', command: exits(3), exit: 3 },
    ],
    3,
    0,
  )
  expect([plain?.name, other?.name]).toEqual(['plain', 'other'])
  for (const figure of [plain, other]) expect(figure?.min).toBeLessThanOrEqual(figure?.median ?? 0)
})

test('a command that exits with another code ends the bench, with what it printed', () => {
  expect(() => interleave([{ name: 'broken', command: exits(2), exit: 3 }], 1, 0)).toThrow(
    'broken exited with 2, expected 3: why',
  )
})
