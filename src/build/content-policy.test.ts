import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { siteHeaders } from '../../runner/commands/serve/built-site.ts'
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

test('the sites of the configuration may frame the pages for frames, and no other page', () => {
  const plain = policyHeaders(["script-src 'self'"])
  expect(plain).toMatch(/^\/\*\n {2}Content-Security-Policy: script-src 'self';frame-ancestors 'none'\n/)
  const by = ['https://backstage.example', 'https://*.example.com']
  expect(policyHeaders(["script-src 'self'"], { path: '/docs/embed/', by })).toBe(
    `${plain}/docs/embed/*\n  ! Content-Security-Policy\n` +
      `  Content-Security-Policy: script-src 'self';frame-ancestors https://backstage.example https://*.example.com\n`,
  )
})

test('a server that acts lets no site frame a page, whatever the site says of its pages for frames', () => {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-headers-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const framing = { path: '/embed/', by: ['https://backstage.example'] }
  writeFileSync(join(folder, '_headers'), policyHeaders(["script-src 'self'"], framing))
  expect(siteHeaders(folder)).toMatchObject({
    'content-security-policy': "script-src 'self';frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
  })
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
