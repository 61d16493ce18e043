import { expect, test } from 'vitest'
import { kinds } from '../../kinds/all.ts'
import { readRunbook } from '../read-runbook.ts'

const placeholders = (text: string): number =>
  readRunbook({ bytes: Buffer.from(`# A\n\n${text}\n`), file: 'a.md', slug: 'a' }, kinds).diagnostics.filter(
    ({ code }) => code === 'placeholder-text',
  ).length

test.each(['<data center>', '<link to the dashboard>', '<source IP>', '<time in UTC>', '[<link text>](#a)'])(
  'in %s the name of an element begins words of a reader, which are shown',
  (text) => {
    expect(placeholders(`Go to ${text} first.`)).toBe(1)
  },
)

test.each([
  '<details open>\n\nx\n\n</details>',
  'a<br />b',
  '<a id="x"></a>',
  '<td nowrap>',
  '<ol reversed></ol>',
])('%s is HTML', (text) => {
  expect(placeholders(text)).toBe(0)
})
