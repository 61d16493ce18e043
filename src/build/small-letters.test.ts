import { expect, test } from 'vitest'
import { inSmallLetters } from './small-letters.ts'

test('the page of an alert is at its address in small letters too, unless an alert has that name', () => {
  const made = [
    'alerts/index.html',
    'alerts/DiskFull/index.html',
    'alerts/Slow/index.html',
    'alerts/slow/index.html',
  ]
  expect([...inSmallLetters(new Set([...made, 'runs/A/index.html']))]).toEqual([
    ['alerts/diskfull/index.html', 'alerts/DiskFull/index.html'],
  ])
})
