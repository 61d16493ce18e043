import { expect, test } from 'vitest'
import { minify } from './minify.ts'

test('quotes and end tags go where a parser needs neither', () => {
  expect(
    minify('<ul class="a">\n<li id="b">x</li>\n<li title="two words">y</li></ul><p>z</p>\n<pre>1</pre>'),
  ).toBe('<ul class=a>\n<li id=b>x<li title="two words">y</ul><p>z<pre>1</pre>')
})

test('what parts words for the search goes', () => {
  expect(minify('<summary> Done when </summary><dl><dt>Needs</dt> <dd>git</dd></dl>')).toBe(
    '<summary>Done when</summary><dl><dt>Needs<dd>git</dl>',
  )
})

test('what a value could break out with keeps its quotes', () => {
  for (const value of ['', 'a b', 'a=b', 'a>b', "it's", '`x`', '/docs/'])
    expect(minify(`<a href="${value}">x</a>`)).toBe(`<a href="${value}">x</a>`)
  expect(minify(`<a title='say "x"' href="y">x</a>`)).toBe(`<a title='say "x"' href=y>x</a>`)
})

test('text, scripts and paragraphs within a line stay as they are', () => {
  for (const html of [
    '<p>say class="a"</p><span>x</span>',
    '<script type="module">let a = `<li class="b">c</li><li>`</script>',
    '<pre>&lt;p class="a"> </pre>',
  ])
    expect(minify(html)).toBe(html)
})
