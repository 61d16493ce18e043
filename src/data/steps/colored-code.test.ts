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

test('a line that is a value is one element, and so is a value of several colors', async () => {
  expect(await coloredCode('echo &\n$pod', 'bash', ['pod'])).toContain(
    '\n<var class="line"><span>$pod</span></var></code></pre>',
  )
  expect(await coloredCode('x = ${{ inputs.pod }}', 'ts', ['pod'])).toMatch(
    /<var><span[^>]*>.*<\/span><span[^>]*>.*<\/span><\/var><\/span><\/code><\/pre>$/,
  )
})

test('a value within an address says so, as it is percent-encoded there', async () => {
  expect(await coloredCode('GET https://a/${{ inputs.pod }}', 'http', ['pod'])).toContain(
    '<span> https://a/</span><var data-url="">${{ inputs.pod }}</var>',
  )
})
