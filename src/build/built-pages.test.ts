import { expect, test } from 'vitest'
import { contentOf, fileAt, readPage } from './built-pages.ts'

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

test('the places and links of a page are those of its tags, and not of its text or its scripts', () => {
  const head = '<head><link rel="canonical" href="/a/"><script>x = "<b id=\\"script\\">"</script></head>'
  const prose =
    '<div class="prose"><h2 class="x" id="a&amp;b">id="text"</h2><a name="old" href="#a&amp;b">a > b href="c"</a><a href="/a/">A</a></div>'
  const page = `${head}<body id="top"><article>${prose}</article><form action="/find/"><input name="q" id="q"></form></body>`
  expect(readPage(page)).toEqual({
    ids: ['top', 'a&b', 'old', 'q'],
    links: ['/a/', '#a&b', '/find/'],
    anchors: ['a&b'],
  })
  expect(readPage('<p>A</p>').anchors).toEqual([])
  expect(readPage('<main data-moved="/b/#x">').moved).toBeUndefined()
  expect(readPage('<main data-moved="/b/">').moved).toBe('/b/')
})
