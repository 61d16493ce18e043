import { expect, test } from 'vitest'
import { pageLink } from './links.ts'

const content = '/p/content/runbooks'
const link = (url: string, from = 'runbooks/incidents/Locks.md'): string =>
  pageLink(url, `/p/content/${from}`, content)

test('a link to a file becomes one to its page, with query and fragment', () => {
  expect(link('./Other.md')).toBe('../../../runbooks/incidents/other/')
  expect(link('../release.mdx?version=1#tag')).toBe('../../../runbooks/release/?version=1#tag')
  expect(link('../../docs/index.md#start')).toBe('../../../docs/#start')
})

test('every other link stays as it is', () => {
  for (const url of [
    'https://x/y.md',
    '/runbooks/a/',
    '#tag',
    'mailto:a@b.md',
    '../a/',
    '../../../README.md',
  ]) {
    expect(link(url)).toBe(url)
  }
})
