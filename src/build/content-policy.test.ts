import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { inlineStyle, narrowPolicy, policyHeaders, policyOf } from './content-policy.ts'

const policy = `<meta http-equiv="content-security-policy" content="script-src 'self'">`
const apply = (html: string): string => narrowPolicy('a.html', policy + html)

test.each(['<p style="color:red">', "<p title='a > b' onclick='x()'>", '<b onload=x>', '<style>p{}</style>'])(
  '%s stops the build: the policy would block it',
  (html) => {
    expect(() => apply(html)).toThrow('a.html has an inline style or handler')
  },
)

test.each([
  '<meta name="description" content="Set online=true and style=dark">',
  '<p>Set online=true</p>',
  '<pre>&lt;p style="color:red"></pre>',
])('%s only speaks of one', (html) => {
  expect(apply(html)).toContain(html)
})

test('a style in a page is allowed by its hash alone, in the page and in the headers', () => {
  const page = `<meta http-equiv="content-security-policy" content="script-src 'self';style-src 'self'"><link rel="stylesheet" href="/a.css"><p>`
  const styled = inlineStyle(page, (href) => `/*${href} $& */`)
  expect(styled).toContain('<style>/*/a.css $& */</style><p>')
  const hash = /style-src 'self' ('sha256-[^']+')"/.exec(styled)?.[1] ?? ''
  expect(hash).toBe(`'sha256-${createHash('sha256').update('/*/a.css $& */').digest('base64')}'`)
  const policies = [policyOf(page), policyOf(styled)]
  expect(policyHeaders(policies)).toContain(`script-src 'self';style-src 'self' ${hash};`)
  expect(inlineStyle('<p>', () => '')).toBe('<p>')
})
