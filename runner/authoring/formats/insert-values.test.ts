import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { insertInShell, shellText } from './insert-values.ts'

const template = /\{\{(.*?)\}\}/g
const value = `a "b" 'c' $(echo d) \`e\` \\ * $HOME`

const printed = (script: string): string =>
  execFileSync('bash', ['-euo', 'pipefail', '-c', script], {
    env: { PATH: process.env['PATH'], x: value },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })

test('a value in place of a template is never read as code, however the script quotes it', () => {
  const forms: [string, string][] = [
    ['printf %s {{x}}', value],
    ['printf %s "<{{ x }}>"', `<${value}>`],
    [`printf %s '<{{x}}>'`, `<${value}>`],
    [`printf %s "$(printf %s '{{x}}')"`, value],
    [`printf %s "$(printf %s "{{x}}") it's"`, `${value} it's`],
    [`y=(1 2); printf %s "\${#y[@]} {{x}}" # it's {{x}}`, `2 ${value}`],
    ['cat <<END\n{{x}}\nEND\nprintf %s {{x}}', `${value}\n${value}`],
    [String.raw`printf %s \"{{x}}\'`, `"${value}'`],
  ]
  for (const [script, wanted] of forms) {
    const made = insertInShell(script, template, () => 'x')
    expect(printed(made ?? 'exit 1'), made).toBe(wanted)
  }
})

test('a template in a quoted here-document cannot be a variable', () => {
  expect(insertInShell("cat <<'END'\n{{x}}\nEND\n", template, () => 'x')).toBeUndefined()
  expect(insertInShell("cat <<'END'\nx\nEND\necho {{x}}", template, () => 'x')).toContain('"${x}"')
})

test('a text of a workflow is a word of the shell as it is', () => {
  expect(printed(`printf %s ${shellText([{ text: '$HOME "`' }, { variable: 'x' }])}`)).toBe(
    `$HOME "\`${value}`,
  )
})
