import { expect, test } from 'vitest'
import { sentence } from './page-text.ts'
import { html } from './markup.ts'
import { keepOptionsWhole } from './whole-options.ts'

test('an option in code within text is kept on one line, with one hyphen, two, or some inside', () => {
  expect(keepOptionsWhole('<code>-i</code>, <code>runbook exec x --no-input [-q]</code>')).toBe(
    '<code><span class="option">-i</span></code>, <code>runbook exec x <span class="option">--no-input</span> [<span class="option">-q</span>]</code>',
  )
})

test('an option that a phone has no room for begins on a line of its own', () => {
  const long = `--${'a-very-long-option-'.repeat(3)}`
  expect(keepOptionsWhole(`<code>x ${long}</code>`)).toBe(
    `<code>x <span class="option long">${long}</span></code>`,
  )
})

test('keys that are pressed together are kept on one line, in text and not in a tag', () => {
  expect(keepOptionsWhole('<p title="Ctrl-C">Ctrl-C stops it</p>')).toBe(
    '<p title="Ctrl-C"><span class="option">Ctrl-C</span> stops it</p>',
  )
})

test('names with hyphens, numbers below zero and blocks of code are unchanged', () => {
  for (const markup of [
    '<code>release-checklist</code>',
    '<code>-1</code>',
    '<pre class="code"><code>runbook exec x -i a=b</code></pre>',
    '<p>-i</p>',
  ])
    expect(keepOptionsWhole(markup)).toBe(markup)
})

test('a sentence of a run keeps options whole too, and what is in its code is text', () => {
  expect(html`${sentence('Give `--yes` or `<b> -i`')}`.markup).toBe(
    'Give <code><span class="option">--yes</span></code> or <code>&lt;b&gt; <span class="option">-i</span></code>',
  )
})
