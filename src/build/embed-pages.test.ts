import { expect, test } from 'vitest'
import { leaveFrame } from './embed-pages.ts'

test.each([
  ['<a href="/docs/runbooks/a/">', '<a target="_blank" href="/docs/runbooks/a/">'],
  ['<a class="x" href="https://example.com/">', '<a target="_blank" class="x" href="https://example.com/">'],
  ['<a href="../../runbooks/b/?x=1#y">', '<a target="_blank" href="/docs/runbooks/b/?x=1#y">'],
  ['<img alt="" src="./b.png">', '<img alt="" src="/docs/runbooks/here/b.png">'],
  ['<a href="#step">', '<a href="#step">'],
  ['<a href="/docs/embed/runbooks/b/">', '<a href="/docs/embed/runbooks/b/">'],
  ['<code>&lt;a href="/x"></code><a id="y"></a>', '<code>&lt;a href="/x"></code><a id="y"></a>'],
])('in a frame, %s becomes %s', (link, expected) => {
  expect(leaveFrame(`<head></head><body>${link}</body>`, '/docs/embed/runbooks/here/', '/docs/')).toBe(
    `<head></head><body>${expected}</body>`,
  )
})
