import { expect, test } from 'vitest'
import { output } from './step-parts.ts'

const printed = { stream: 'stdout', file: 'steps/build.2.stdout', left: 0, missing: false }
const lines = (count: number): string => Array.from({ length: count }, (_, at) => `line ${at + 1}\n`).join('')

test('each line of a long output has an address, and its number is not part of the text', () => {
  const { markup } = output({ ...printed, text: lines(13) }, 'r', undefined)
  expect(markup).toContain(
    '<span id="build.2.stdout:13" class="line"><a href="#build.2.stdout:13" tabindex="-1" aria-label="Line 13"></a>line 13</span>',
  )
  const [, pre = ''] = /<pre[^>]*>\n(.*)<\/pre>/s.exec(markup) ?? []
  expect(pre.replaceAll(/<[^>]+>/g, '')).toBe(lines(13).trimEnd())
})

test('a color that goes on over lines is drawn in each of them', () => {
  const { markup } = output({ ...printed, text: `\u001B[31mone\ntwo\u001B[0m\n${lines(12)}` }, 'r', undefined)
  expect(markup).toContain('<span class="red">one</span></span>\n')
  expect(markup).toContain('aria-label="Line 2"></a><span class="red">two</span></span>\n')
})

test('lines behind a cut have no number', () => {
  const text = `${lines(12)}… 70000 bytes left out …\nlast of all`
  const { markup } = output({ ...printed, text, left: 70_000 }, 'r', undefined)
  expect(markup).toContain('build.2.stdout:12"')
  expect(markup).not.toContain('build.2.stdout:13')
  expect(markup).toContain('bytes left out …\nlast of all')
})

test('an output that no event names yet has no addresses', () => {
  expect(output({ ...printed, file: '', text: lines(13) }, 'r', undefined).markup).not.toContain('id=')
})
