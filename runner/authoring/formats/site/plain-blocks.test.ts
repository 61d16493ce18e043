import { expect, test } from 'vitest'
import { kinds } from '../../../kinds/all.ts'
import { readRunbook } from '../../../model/read-runbook.ts'
import { importDocument } from '../import-document.ts'
import { plainBlocks } from './plain-blocks.ts'

const plain = (text: string): string | undefined => plainBlocks(text)?.text

function imported(text: string) {
  const result = importDocument({
    bytes: Buffer.from(text),
    file: 'page.md',
    name: 'page',
    readdress: (url) => ({ url }),
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
  expect(plain(text) ?? text).toBe(text)
})

test('findings have the lines of the document, not those of what it became', () => {
  const { notes, unread } = imported(
    '# T\n\n!!! note "A"\n    a\n\n<center>b</center>\n\n```bash\ntrue\n```\n\n```\nkubectl get pods\n```\n',
  )
  expect(notes.map(({ line }) => line)).toEqual([6])
  expect(unread?.map(({ line }) => line)).toEqual([12])
})

const codes = (text: string): (string | undefined)[] =>
  imported(text).steps.map(({ fences }) => fences[0]?.code)

test.each([
  ['{{< text bash >}}\n$ uptime\n up 3 days\n{{< /text  >}}', ['uptime']],
  ['{{< text syntax=bash snip_id=look >}}\n$ uptime\n{{</text>}}', ['uptime']],
  ['{{< code lang="shell" >}}\nuptime\n{{< /code >}}', ['uptime']],
  ['{{< bash >}}\nuptime\n{{< /bash >}}', ['uptime']],
  ['1. Look:\n\n   {{< text bash >}}\n   $ uptime\n   {{< /text >}}', ['uptime']],
  ['{{< text plain >}}\nup\n{{< /text >}}\n\n```bash\nuptime\n```', ['uptime']],
  ['```{tip}\nLook:\n\n~~~bash\nuptime\n~~~\n```', ['uptime']],
  ['````{warning} Mind\n:class: wide\n```bash\nuptime\n```\n````', ['uptime']],
  [':::{dropdown} More\n```bash\nuptime\n```\n:::', ['uptime']],
  ['```{code-block} bash\n:caption: look\n\nuptime\n```', ['uptime']],
  [
    '```bash\n{% raw %}\nkubectl get -o go-template={{.x}}\n{% endraw %}\n```',
    ['kubectl get -o go-template={{.x}}'],
  ],
])('the command of %j is a step without what belongs to the site', (text, expected) => {
  const result = imported(`# T\n\n${text}\n`)
  expect(result.steps.map(({ fences }) => fences[0]?.code)).toEqual(expected)
  expect(result.unread).toEqual([])
})

test('tabs of Hugo and of Sphinx are tabs, also in a list, and one with a language is code', () => {
  const inList =
    '1. Install:\n\n   {{< tabs name="os" >}}\n   {{% tab name="Debian" %}}\n   ```bash\n   apt-get install jq\n   ```\n   {{% /tab %}}\n   {{% tab name="Alpine" %}}\n   ```bash\n   apk add jq\n   ```\n   {{% /tab %}}\n   {{< /tabs >}}\n'
  const { text, notes } = imported(`# T\n\n${inList}`)
  expect(text).toContain('   **Debian**\n')
  expect(text).not.toContain('tabs')
  expect(notes).toEqual([
    {
      line: 6,
      message:
        'the tabs `Debian`, `Alpine` became parts of the page that follow each other: a run has the steps of all of them',
    },
  ])
  expect(codes(`# T\n\n${inList}`)).toEqual(['apt-get install jq', 'apk add jq'])
  expect(
    codes(
      '# T\n\n{{< tabpane >}}\n{{< tab header="A" lang="bash" >}}\nuptime\n{{< /tab >}}\n{{< /tabpane >}}\n\n::::{tab-set}\n:::{tab-item} B\n```bash\ndf -h\n```\n:::\n::::\n',
    ),
  ).toEqual(['uptime', 'df -h'])
})

test('hints, tabs and code of GitBook are blocks of the page', () => {
  expect(
    plain(
      '{% hint style="danger" %}\na\n{% endhint %}\n\n{% tabs %}\n{% tab title="A" %}\n{% code title="x" %}\n```bash\nuptime\n```\n{% endcode %}\n{% endtab %}\n{% endtabs %}\n',
    ),
  ).toBe('> [!CAUTION]\n> a\n\n**A**\n\n```bash\nuptime\n```\n')
})

test('callouts of Jekyll, folds of Hugo and targets of Sphinx are blocks of the page', () => {
  expect(plain('{{site.data.alerts.callout_danger}}\na\n{{site.data.alerts.end}}\n')).toBe(
    '> [!CAUTION]\n> a\n',
  )
  expect(plain('{{site.data.alerts.note}} a {{site.data.alerts.end}}\n')).toBe('> [!NOTE]\n> a\n')
  expect(plain('{{< details "More" >}}\na\n{{< /details >}}\n')).toBe(
    '<details>\n\n<summary>More</summary>\n\na\n\n</details>\n',
  )
  expect(plain('(team:logs)=\n## Logs\n\nSee [above](team:logs).\n')).toBe(
    '<a id="team:logs"></a>\n\n## Logs\n\nSee [above](#team:logs).\n',
  )
})

test('a value that only the site knows becomes an input in a command', () => {
  const { steps, text } = imported(
    '# T\n\n```bash\n# {{< latest >}}\napt-get install tool=\'{{< param "version" >}}.x\' --from {{ site.mirror }}\n```\n\n```yaml\na: {{< param "version" >}}\n```\n',
  )
  expect(steps[0]?.fences[0]?.code).toContain(`apt-get install tool=''"$version"'.x' --from "$site_mirror"`)
  expect(text).toContain('a: {{< param "version" >}}')
})

test('files that are not here, expressions and names of other documents are findings', () => {
  const { notes } = imported(
    '# T {{< since "2" >}}\n\n{% include {{ page.v }}/steps.md %}\n\n[!INCLUDE [x](../y.md)]\n\nSee [a](team:other) and [b](mailto:a@example.com).\n\n```bash\n--8<-- "script.sh"\n```\n',
  )
  expect(notes).toEqual([
    { line: 1, message: '`{{< since "2" >}}` stays text: only the generator of the site fills it in' },
    {
      line: 3,
      message:
        '`{% include {{ page.v }}/steps.md %}`, `[!INCLUDE [x](../y.md)]` and `--8<-- "script.sh"` include other files, whose commands are not here: copy them into the document, and import again',
    },
    {
      line: 7,
      message: 'the link `team:other` leads nowhere: its name is known to the generator of the site only',
    },
  ])
})
