import { expect, test } from 'vitest'
import { moveAddresses } from './page-server.ts'

const moved = (html: string): string => moveAddresses(html, '/docs/', '/docs/~x/')

test('addresses of the site move into the folder of the server', () => {
  expect(moved('<a class="a > b" href="/docs/runs/">')).toBe('<a class="a > b" href="/docs/~x/runs/">')
  expect(moved("<p data-evidence='/docs/a'><form action=/docs/search/>")).toBe(
    "<p data-evidence='/docs/~x/a'><form action=/docs/~x/search/>",
  )
  expect(moved('<meta http-equiv="refresh" content="0;url=/docs/a/">')).toContain('url=/docs/~x/a/')
})

test('text, other sites and other attributes stay as they are', () => {
  for (const html of [
    '<code>href="/docs/runs/"</code>',
    '<a href="https://x/docs/">',
    '<a href="/docs//x">',
    '<a href="/other/">',
    '<meta name="description" content="/docs/ is where">',
    '<input pattern="/docs/.*">',
  ])
    expect(moved(html)).toBe(html)
})
