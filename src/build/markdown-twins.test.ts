import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { markdownTwins, pageAsMarkdown, twinOf } from './markdown-twins.ts'

test('a page as Markdown has its words, code, tables and tasks, and nothing that the page hides', () => {
  const main = [
    '<h1>Disk &lt;full&gt;</h1><div hidden><p>Not read</p></div><script>let a</script><button>Copy</button>',
    '<p>See <a href="/runbooks/b/#x">b</a> at http://127.0.0.1:1 and <code>df `-h`</code>, *not* emphasis.</p>',
    '<pre><code class="language-bash">echo "$x"\ntrue</code></pre>',
    '<ul><li><input type="checkbox" disabled> Tell people</li><li><input type="checkbox" checked disabled> Done</li></ul>',
    '<table><tr><th>a</th></tr><tr><td><code>1|2</code></td></tr></table>',
  ]
  expect(pageAsMarkdown(main.join('\n'))).toBe(
    [
      '# Disk \\<full>',
      'See [b](/runbooks/b/#x) at http://127.0.0.1:1 and `` df `-h` ``, \\*not\\* emphasis.',
      '```bash\necho "$x"\ntrue\n```',
      '- [ ] Tell people\n- [x] Done',
      '| a |\n| --- |\n| `1\\|2` |\n',
    ].join('\n\n'),
  )
})

test('a fold is open in Markdown, a fact is one line, and a fence is longer than those in its code', () => {
  const main = [
    '<p class="eyebrow"><a href="#a">1</a><span><span class="kind">Command</span> <b>Changes things</b></span></p>',
    '<details class="more"><summary>Undo</summary><pre><code>```\n&lt;b&gt;\n```</code></pre>',
    '<dl><div><dt>Time limit</dt> <dd>5m</dd></div><div><dt>Digest</dt><dd><code>68</code></dd></div></dl></details>',
  ]
  expect(pageAsMarkdown(main.join(''))).toBe(
    [
      '[1](#a) Command **Changes things**',
      'Undo',
      '````\n```\n<b>\n```\n````',
      '- Time limit: 5m',
      '- Digest: `68`\n',
    ].join('\n\n'),
  )
})

test('llms.txt lists the pages that have a twin, by their addresses, with what each is for', () => {
  const out = mkdtempSync(join(tmpdir(), 'twins-'))
  const page = (title: string, address: string): string =>
    `<head><meta property="og:title" content="${title}" /><meta name="description" content="About it" />` +
    `<link rel="alternate" type="text/markdown" href="${address}"></head><main id="main"><h1>T</h1></main>`
  const twins = markdownTwins(out, '/ops/', 'https://r.example.com/ops/')
  const add = (address: string, html: string): void => {
    const twin = twinOf(html)
    if (twin) twins.add(address, twin)
  }
  add('runbooks/a/', page('A &quot;b&quot; [c]', '/ops/runbooks/a.md'))
  add('runs/20260101-000000-a-aaaa/', page('A run', '/ops/runs/20260101-000000-a-aaaa.md'))
  add('404.html', '<main>Nothing</main>')
  expect(twins.finish()).toEqual(['runbooks/a.md', 'runs/20260101-000000-a-aaaa.md', 'llms.txt'])
  const list = readFileSync(join(out, 'llms.txt'), 'utf8')
  expect(list).toContain(
    '## Runbooks\n\n- [A "b" \\[c\\]](https://r.example.com/ops/runbooks/a.md): About it\n',
  )
  expect(list).not.toContain('A run')
  expect(readFileSync(join(out, 'runbooks/a.md'), 'utf8')).toBe('# T\n')
  rmSync(out, { recursive: true })
})
