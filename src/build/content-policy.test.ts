import { expect, test } from 'vitest'
import { narrowPolicy } from './content-policy.ts'

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
