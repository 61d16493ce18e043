import { expect, test } from 'vitest'
import { kinds } from '../../../kinds/all.ts'
import { readRunbook } from '../../read-runbook.ts'

const read = (text: string) =>
  readRunbook({ bytes: Buffer.from(`# A\n\n${text}\n`), file: 'a.md', slug: 'a' }, kinds)

test.each([
  ['an admonition of MkDocs', '!!! note\n\n    ```bash\n    systemctl restart app\n    ```', 'unmarked-code'],
  ['a tab of MkDocs', '=== "Linux"\n\n    ~~~ {.sh}\n    reboot\n    ~~~', 'unmarked-code'],
  [
    'a list item that takes less',
    '1. One\n\n        ```console\n        $ reboot\n        ```',
    'unmarked-code',
  ],
  ['HTML with the language of GitHub', '<pre lang="bash">\nreboot now\n</pre>', 'fence-in-html'],
  ['HTML with a class', '<pre><code class="language-sh">reboot now</code></pre>', 'fence-in-html'],
  [
    'HTML that was rendered',
    '<div class="highlight-source-shell"><pre>\nreboot now\n</pre></div>',
    'fence-in-html',
  ],
  ['a session of PowerShell', '```console\nPS C:\\> Restart-Computer\n```', 'unrunnable-fence'],
])('a command in %s is a finding', (_, text, code) => {
  expect(read(text).diagnostics.map((one) => one.code)).toContain(code)
})

test('code of other languages in HTML, and text in indented code, give no findings', () => {
  for (const text of [
    '<pre lang="json">\n{}\n</pre>',
    '<pre>\nreboot now\n</pre>',
    '    some output\n    of it',
  ])
    expect(read(`\`\`\`bash\nreboot\n\`\`\`\n\n${text}`).diagnostics).toEqual([])
})
