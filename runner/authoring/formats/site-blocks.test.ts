import { expect, test } from 'vitest'
import { kinds } from '../../kinds/all.ts'
import { readRunbook } from '../../model/read-runbook.ts'
import { importDocument } from './import-document.ts'
import { plainBlocks } from './site-blocks.ts'

const plain = (text: string): string | undefined => plainBlocks(text)?.text

function imported(text: string) {
  const result = importDocument({
    bytes: Buffer.from(text),
    file: 'page.md',
    name: 'page',
    readdress: (url) => url,
    readFile: () => undefined,
  })
  if (result?.ok !== true) throw new Error('not imported')
  const bytes = Buffer.from(result.value.text)
  const { document, diagnostics } = readRunbook({ file: 'page.mdx', slug: 'page', bytes }, kinds)
  expect(
    diagnostics.filter(({ severity }) => severity === 'error'),
    result.value.text,
  ).toEqual([])
  return { ...result.value, steps: document.steps }
}

test('a command inside an admonition is a step, whether or not an empty line stands before it', () => {
  const { steps, text, unread } = imported(
    '# Restart\n\n!!! warning "Only one at a time"\n    First look:\n    ```bash\n    uptime\n    ```\n\n    Then:\n\n    ```bash\n    systemctl restart api\n    ```\nAfterwards.\n',
  )
  expect(steps.map(({ fences }) => fences[0]?.code)).toEqual(['uptime', 'systemctl restart api'])
  expect(text).toContain('> [!WARNING]\n> **Only one at a time**\n>\n> First look:')
  expect(text).toMatch(/> <\/Command>\n\nAfterwards\.\n$/)
  expect(unread).toEqual([])
})

test('tabs follow each other under their titles, and a finding says so', () => {
  const { steps, text, notes } = imported(
    '# Install\n\nChoose:\n\n=== "Debian"\n\n    ```bash\n    apt-get install -y jq\n    ```\n\n=== "Alpine"\n\n    ```bash\n    apk add jq\n    ```\n\nDone.\n',
  )
  expect(steps.map(({ fences }) => fences[0]?.code)).toEqual(['apt-get install -y jq', 'apk add jq'])
  expect(text).toContain('**Debian**\n\n')
  expect(notes).toEqual([
    {
      line: 5,
      message:
        'the tabs `Debian`, `Alpine` became parts of the page that follow each other: a run has the steps of all of them',
    },
  ])
})

test('a fold stays folded, and lists and blocks may contain blocks', () => {
  expect(plain('???+ note\n    a\n')).toBe('<details open>\n\n<summary>Note</summary>\n\na\n\n</details>\n')
  expect(plain('1. x\n\n    !!! tip ""\n        y\n\n        !!! danger\n            z\n')).toBe(
    '1. x\n\n    > [!TIP]\n    > y\n    >\n    > > [!CAUTION]\n    > > z\n',
  )
})

test('containers with colons, paired shortcodes and highlighted code of Hugo and Jekyll are read', () => {
  expect(plain(':::warning[Mind]\na\n:::\n')).toBe('> [!WARNING]\n> **Mind**\n>\n> a\n')
  expect(plain('::: tip Mind it\na\n:::\nb\n')).toBe('> [!TIP]\n> **Mind it**\n>\n> a\n\nb\n')
  expect(plain('{{< hint danger >}}\na\n{{< /hint >}}\n')).toBe('> [!CAUTION]\n> a\n')
  expect(plain('{{% alert title="Mind" color="warning" %}}\na\n{{% /alert %}}\n')).toBe(
    '> [!WARNING]\n> **Mind**\n>\n> a\n',
  )
  for (const [open, close] of [
    ['{{< highlight shell "linenos=table" >}}', '{{< /highlight >}}'],
    ['{% highlight shell %}', '{% endhighlight %}'],
  ])
    expect(imported(`# T\n\n${open}\nuptime\n${close}\n`).steps.map(({ fences }) => fences[0]?.code)).toEqual(
      ['uptime'],
    )
})

test.each([
  '```text\n!!! note\n    a\n```\n',
  'Title\n=== \n',
  '!!!\n',
  '!!! "quoted"\n    a\n',
  ':::unknown\na\n:::\n',
  '::: note\nnever closed\n',
  '{{< figure src="x.png" >}}\n',
  'It works !!! note that\n',
])('%j is unchanged', (text) => {
  expect(plain(text)).toBeUndefined()
})

test('findings have the lines of the document, not those of what it became', () => {
  const { notes, unread } = imported(
    '# T\n\n!!! note "A"\n    a\n\n<center>b</center>\n\n```bash\ntrue\n```\n\n```\nkubectl get pods\n```\n',
  )
  expect(notes.map(({ line }) => line)).toEqual([6])
  expect(unread?.map(({ line }) => line)).toEqual([12])
})
