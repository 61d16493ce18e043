import { expect, test } from 'vitest'
import { withAddresses } from './shortcodes.ts'

test.each([
  ['{{< ref "./other.md" >}}', './other.md'],
  ['{{% relref "x.png#here" %}}', 'page:x.png#here'],
  ["{{< relref 'name' >}}", 'page:name'],
  ['{{< ref name#here >}}', 'page:name#here'],
  ['{% link _docs/other.md %}', '/_docs/other.md'],
  ['{{ site.baseurl }}{% link other.md %}#here', '/other.md#here'],
  ['{% post_url 2026-01-01-other %}', 'page:2026-01-01-other'],
  ['{{ site.baseurl }}/other.html#here', '/other.html#here'],
  ['{{ "/other/" | relative_url }}#here', '/other/#here'],
])('%s as the address of a link is %s, and nothing else moves', (reference, address) => {
  const text = `a [b](${reference}) and ${reference} c`
  const read = withAddresses(text)
  expect(read).toHaveLength(text.length)
  expect(read).toMatch(/^a \[b\]\(\S+ *\) and /)
  expect(/\]\((.*?) *\) and/.exec(read)?.[1]).toBe(address)
  expect(read.endsWith(`and ${reference} c`)).toBe(true)
})
