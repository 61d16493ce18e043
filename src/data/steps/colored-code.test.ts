import { expect, test } from 'vitest'
import { coloredCode } from './colored-code.ts'

test('code has classes for its colors, and an element around each value of an input', async () => {
  expect(await coloredCode('echo "$pod"\n', 'bash', ['pod'])).toBe(
    '<pre class="code"><code><span class="line"><span class="token-function">echo</span><span class="token-string-expression"> "</span><var class="token-string-expression">$pod</var><span class="token-string-expression">"</span></span></code></pre>',
  )
})

test('code of an unknown language is text', async () => {
  expect(await coloredCode('a < b', 'promql', [])).toBe(
    '<pre class="code"><code><span class="line"><span>a &#x3C; b</span></span></code></pre>',
  )
})
