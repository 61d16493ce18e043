import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { importMarkdown } from './import-page.ts'
import { newRunbook, templates } from '../new-runbook.ts'
import { kinds } from '../../kinds/all.ts'
import { readRunbook } from '../../model/read-runbook.ts'
import type { RunbookReading } from '../../model/read-runbook.ts'

const read = (text: string, format: 'md' | 'mdx'): RunbookReading =>
  readRunbook({ file: `page.${format}`, slug: 'page', bytes: Buffer.from(text) }, kinds)
const imported = (text: string) => importMarkdown(Buffer.from(text), 'page.md', 'page')

test.each(templates)('a new %s runbook has nothing to find', (template) => {
  expect(read(newRunbook(template, 'A "quoted" title'), 'mdx').diagnostics).toEqual([])
})

const folder = join(import.meta.dirname, '../../../test/fixtures/model')
const inputs = readdirSync(folder).filter((name) => name.startsWith('markdown-'))

test.each(inputs.filter((name) => name !== 'markdown-silent'))(
  '%s becomes MDX with the same steps and anchors',
  (name) => {
    const text = readFileSync(join(folder, name, 'input.md'), 'utf8')
    const [before, after] = [read(text, 'md'), read(imported(text).text, 'mdx')]
    expect(after.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(after.document.steps.map(({ id }) => id)).toEqual(before.document.steps.map(({ id }) => id))
    const names = after.document.anchors.map((anchor) => anchor.name)
    expect(names).toEqual(expect.arrayContaining(before.document.anchors.map((anchor) => anchor.name)))
  },
)

test('what is JavaScript or an element to MDX stays text', () => {
  const { text, notes } = imported('# T\n\nimport {x} from <y> and <https://a.b/c>.\n\n```bash\ntrue\n```\n')
  expect(read(text, 'mdx').diagnostics).toEqual([])
  expect(text).toContain('&#105;mport \\{x} from \\<y> and [https://a.b/c](https://a.b/c).')
  expect(notes).toEqual([])
})

test('the fields of other handbooks about reviews are kept under our names', () => {
  const { text, notes } = imported(
    '---\ntitle: T\nlast_reviewed_on: 2026-03-01\nreview_in: 6 months\nweight: 3\nparent: x\n---\n\n```bash\ntrue\n```\n',
  )
  expect(text).toContain('reviewed: 2026-03-01\nreviewEvery: 180d\n')
  expect(read(text, 'mdx').diagnostics).toEqual([])
  expect(notes).toEqual([
    {
      line: 1,
      message: 'the frontmatter fields `weight`, `parent` have no meaning in a runbook and were left out',
    },
  ])
})

test('variables that scripts read and nothing sets are a finding', () => {
  const { notes } = imported(
    '# T\n\n```bash\nexport A=1\nfor x in 1; do echo "$x$A"; done\n```\n\n```bash\nrestore ${item} "$HOME" ${zone:-eu} \'$quoted\' <pod> "$NODE" $A $item\n```\n',
  )
  expect(notes).toEqual([
    {
      line: 9,
      message:
        'scripts read `item`, `NODE`, and nothing sets them: declare them in `inputs` or in `requires.env`',
    },
  ])
})

test('code that may be a command and is not a step is a finding', () => {
  const lines = (text: string) => imported(text).unread?.map(({ line, message }) => `${line} ${message}`)
  expect(lines('# T\n\n```\nkubectl get pods\n```\n\n```\nNAME READY\n```\n')).toEqual([
    '3 Unexpected code without a language, `kubectl get pods` looks like a command. Write `bash` after the backticks to make it a step, or `text` if it is not meant to run.',
  ])
  expect(lines('# T\n\n    fleet status\n\nand\n\n```\nfleet sync\n```\n')).toEqual([
    '3 2 code blocks have no language: make each that is a command a `bash` fence',
  ])
  expect(lines('# T\n\n```\nfleet status\n```\n\n```bash\ntrue\n```\n')).toEqual([])
  expect(lines('# T\n\n```python\nprint(1)\n```\n')).toEqual([])
})

test('the output that a session shows stays beside its commands', () => {
  const after = imported('# T\n\n```console\n$ uptime\n 10:00 up 3 days\n```\n').text
  expect(after).toContain('```bash\nuptime\n```\n\n```text example\n 10:00 up 3 days\n```\n\n</Command>')
  const between = imported('# T\n\n- ```console\n  $ a\n  one\n  $ b\n  ```\n').text
  expect(between).toContain('  ```text example\n  $ a\n  one\n  $ b\n  ```')
  for (const text of [after, between]) expect(read(text, 'mdx').diagnostics).toEqual([])
})

test('folded parts stay folded, however their tags are written', () => {
  const folded = [
    '<details><summary>More</summary>\n\ninside\n\n</details>',
    '- item\n\n  <details open id="x"><summary>More <b>now</b></summary>\n\n  inside\n\n  </details>',
    '<details class="y" name="x">\n<summary>More</summary>\ninside\n</details>',
    'before\n<details>\n<summary>More</summary>\n\n- inside\n</details>',
  ]
  for (const html of folded) {
    const { text } = imported(`# T\n\n${html}\n\n\`\`\`bash\ntrue\n\`\`\`\n`)
    const { document: page, diagnostics } = read(text, 'mdx')
    expect(diagnostics, text).toEqual([])
    expect(text).toMatch(/<details( open)?>\s+<summary>More/)
    if (html.includes('"x"')) expect(page.anchors.map(({ name }) => name)).toContain('x')
  }
})

test('an image in HTML keeps its words, and tags that only change looks are left out and named', () => {
  const { text, notes } = imported(
    '# T\n\nA <img alt="the graph" src="https://x/y.png"> <span style="color:red">now</span>.\n\n```bash\ntrue\n```\n',
  )
  expect(text).toContain('A ![the graph](https://x/y.png) now.')
  expect(notes).toEqual([
    { line: 3, message: 'the HTML `<span style="color:red">` was left out, its words stay' },
  ])
})

test('a task list becomes a checklist with open tasks, and one that cannot is a note', () => {
  const source = '# T\n\n## Before\n\n- [x] Tell #ops\n- [ ] Look\n\n```bash\ntrue\n```\n\n- [ ] One\n- Two\n'
  const { text, steps, notes } = imported(source)
  const { document, diagnostics } = read(text, 'mdx')
  expect(diagnostics).toEqual([])
  expect(document.steps.map(({ id, kind, title }) => [id, kind, title])).toEqual([
    ['before-tasks', 'checklist', 'Before'],
    ['before', 'command', 'Before'],
  ])
  expect(text).toContain('- [ ] Tell #ops\n- [ ] Look')
  expect([steps, notes]).toEqual([2, [{ line: 12, message: expect.stringContaining('stays text') }]])
})

test('each field of the frontmatter without a meaning here is named', () => {
  const { notes } = imported(
    '---\ntitle: T\nms.date: 1\n"quoted-field": 2\n# c: 3\n---\n\n```bash\ntrue\n```\n',
  )
  expect(notes.map(({ message }) => message)).toEqual([
    'the frontmatter fields `ms.date`, `quoted-field` have no meaning in a runbook and were left out',
  ])
})

test('a heading whose name is that of its words needs no other', () => {
  const { text } = imported('# T\n\n## Copy files {#copy-files}\n\n## Other {#more}\n\n```bash\ntrue\n```\n')
  expect(text).toContain('\n\n## Copy files\n')
  expect(text).not.toContain('id="copy-files"')
  expect(text).toContain('<a id="more"></a>\n\n## Other\n')
})

test('a heading with the name of its step leaves the name to the step', () => {
  const { text } = imported('## Copy files {#copy-files}\n\n```bash\ntrue\n```\n')
  expect(read(text, 'mdx').diagnostics).toEqual([])
  expect(text).toContain('## Copy files\n\n<Command id="copy-files"')
})

test('the tags of one name that only frame words are one finding', () => {
  const { text, notes } = imported(
    '# T\n\n<section class="a">\n\nA\n\n</section>\n\n<section class="b">\n\n<button>B</button>\n\n</section>\n\n```bash\ntrue\n```\n',
  )
  expect(text).not.toContain('section')
  expect(notes).toEqual([
    {
      line: 3,
      message: 'the HTML `<section class="a">` and 1 more of its kind were left out, their words stay',
    },
    { line: 11, message: 'the HTML `<button>` was left out, its words stay' },
  ])
})

test('lists that only an element keeps apart stay apart', () => {
  const { text } = imported(
    '# T\n\n<section>\n\n1. a\n\n   ```bash\n   true\n   ```\n</section>\n\n<section>\n\n1. b\n\n</section>\n',
  )
  expect(read(text, 'mdx').diagnostics).toEqual([])
  expect(text).toMatch(/<\/Command>\n\{\/\* \*\/\}\n\s*1\. b\n/)
})

test('a placeholder for a secret is an input whose value is hidden', () => {
  const { text } = imported(
    '# T\n\n```bash\nlogin --password <db-password> --name <secret-name> --token <API_TOKEN>\n```\n',
  )
  const { document } = read(text, 'mdx')
  const types = Object.entries(document.meta.inputs ?? {}).map(([name, { type }]) => `${name} ${type}`)
  expect(types).toEqual(['db_password secret', 'secret_name string', 'api_token secret'])
})

test.each([
  ['{code:bash}\nuptime\n{code}', '`{code:bash}` begins code in Confluence'],
  ['#+begin_src sh\nuptime\n#+end_src', '`#+begin_src sh` begins code in Org'],
  ['.. code-block:: bash\n\n   uptime', '`.. code-block:: bash` begins code in reStructuredText'],
  ['[source,bash]\n----\nuptime\n----', '`[source,bash]` begins code in AsciiDoc'],
])('code of another format is a finding: %j', (code, message) => {
  expect(imported(`# T\n\n${code}\n`).unread).toEqual([
    { line: 3, message: `${message}, which Markdown shows as words: write a fence of \`bash\`` },
  ])
})

test('the words of a definition list stay', () => {
  const { text } = imported(
    '# T\n\n<dl><dt><strong>NOTE</strong></dt><dd>\n\nTake care.\n</dd></dl>\n\n```bash\ntrue\n```\n',
  )
  expect(text).toContain('NOTE\n\nTake care.\n')
  expect(text).not.toMatch(/<\/?d[ldt]/)
})

test('an address that would lead nowhere is a finding, in Markdown and in HTML', () => {
  const source = '# T\n\n[a](a.md)\n\n<a href="b.md">b</a>\n\n```bash\ntrue\n```\n'
  const { notes } = importMarkdown(Buffer.from(source), 'a.md', 'a', {
    readdress: (url) => ({ url, problem: `${url} is gone` }),
  })
  expect(notes).toEqual([
    { line: 3, message: 'a.md is gone' },
    { line: 5, message: 'b.md is gone' },
  ])
})
