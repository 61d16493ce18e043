import { expect, test } from 'vitest'
import { contentOf, fileAt } from './built-pages.ts'

test.each([
  ['', 'index.html'],
  ['runbooks/a%20b/', 'runbooks/a b/index.html'],
  ['diagrams/a.svg', 'diagrams/a.svg'],
])('the file of %j is %j', (address, file) => {
  expect(fileAt(address)).toBe(file)
})

test('the words of a page are those of its main part, without drawings and the colors of code', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><a href="#a"><text>1</text></a></svg>'
  const code = '<pre class="code"><code><span class="line"><span class="b">df</span> -h</span>\n</code></pre>'
  const page = `<body><header>Top</header><main id="main" tabindex="-1"><p title="<svg>">a <span>b</span></p>${svg}${code}</main></body>`
  expect(contentOf(page)).toBe(
    '<p title="<svg>">a <span>b</span></p><pre class="code"><code>df -h\n</code></pre>',
  )
  expect(contentOf('<body></body>')).toBeUndefined()
})
