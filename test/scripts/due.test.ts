import { expect, test } from 'vitest'
import { runScript } from './support.ts'

test('phases are due so many days before and after the release, and a day that is over is named', async () => {
  const phases = ['--phase', 'Prepare=-2d', '--phase', 'Canary=0d', '--phase', 'Last look=+2d']
  const ran = await runScript('due.ts', '--date', '2027-01-01', '--now', '2026-12-31', ...phases)
  expect(ran.stdout).toBe(
    '2026-12-30  Prepare  (that day is over)\n2027-01-01  Canary\n2027-01-03  Last look\n',
  )
})

test.each([
  ['--date', '2026-02-30'],
  ['--date', 'tomorrow'],
  ['--phase', 'Prepare'],
  ['--phase', 'Prepare=-2'],
])('%s %s is refused with exit 2', async (...args) =>
  expect((await runScript('due.ts', ...args)).code).toBe(2),
)
