import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { readRunbook } from '../model/read-runbook.ts'
import { scratchFolder } from '../scratch-folder.ts'
import { checkScripts, findShellTools, shellcheckProblems, syntaxProblems } from './check-scripts.ts'

test('the messages of bash and of dash are read, the first for each script', () => {
  const output = [
    './0.sh: line 4: syntax error: unexpected end of file',
    './0.sh: line 5: something after it',
    './1.sh: 2: Syntax error: "done" unexpected',
    './2.sh: line 1: unexpected EOF while looking for matching `"\'',
    "./4.sh: line 7: unexpected EOF while looking for matching ``'",
    "./3.sh: line 2: warning: here-document at line 1 delimited by end-of-file (wanted `EOF')",
  ].join('\n')
  const problems = syntaxProblems(output).map(([file, { line, message }]) => `${file} ${line} ${message}`)
  expect(problems).toEqual([
    '0.sh 4 Unexpected end of file, expected valid shell',
    '1.sh 2 Unexpected "done", expected valid shell',
    '2.sh 1 Unexpected EOF while looking for matching `"`, expected valid shell',
    '4.sh 7 Unexpected EOF while looking for matching backtick, expected valid shell',
    '3.sh 2 Unexpected here-document without its end, expected valid shell',
  ])
})

test('shellcheck’s remarks are taken over, those about style are not', () => {
  const item = { file: './0.sh', line: 3, column: 6, message: 'Double quote to prevent globbing.' }
  const output = JSON.stringify([
    { ...item, code: 2086, level: 'warning' },
    { ...item, code: 2006, level: 'style' },
    { ...item, code: 1009, level: 'error' },
  ])
  expect(shellcheckProblems(output)).toEqual([
    [
      '0.sh',
      expect.objectContaining({
        line: 3,
        column: 6,
        message: 'shellcheck SC2086: Double quote to prevent globbing',
      }),
    ],
  ])
  expect(shellcheckProblems('not JSON')).toEqual([])
})

test('a script of simple commands is read by shellcheck where it is installed, and never by a shell of its own', async () => {
  using programs = scratchFolder('programs')
  const log = join(programs.path, 'log')
  for (const [name, then] of [
    ['bash', 'exec /bin/sh "$@"'],
    ['shellcheck', 'echo "[]"'],
  ]) {
    writeFileSync(join(programs.path, name!), `#!/bin/sh\necho "${name} $*" >> ${log}\n${then}\n`)
    chmodSync(join(programs.path, name!), 0o755)
  }
  vi.stubEnv('PATH', `${programs.path}:${process.env['PATH']}`)
  const text = '# A\n\n```bash\nkubectl get pods\n```\n\n```bash\nfor pod in a; do echo; done\n```\n'
  const { document } = readRunbook({ file: 'a.md', slug: 'a', bytes: Buffer.from(text) }, [])
  await checkScripts([document], { shells: new Set(['bash']), shellcheck: true })
  vi.unstubAllEnvs()
  const calls = readFileSync(log, 'utf8').split('\n')
  expect(calls.filter((call) => call.startsWith('bash -n'))).toEqual(['bash -n ./1.sh'])
  expect(calls.find((call) => call.startsWith('shellcheck'))).toMatch(/ \.\/0\.sh \.\/1\.sh$/)
})

test.skipIf(!findShellTools().shellcheck)(
  'a `cd` that fails ends a script, and is not a finding',
  async () => {
    const text = '# A\n\n```bash\ncd dist\nls $folder\nexport at=$(pwd)\n```\n'
    const { document } = readRunbook({ file: 'a.md', slug: 'a', bytes: Buffer.from(text) }, [])
    const findings = await checkScripts([document], { shells: new Set(['bash']), shellcheck: true })
    expect([...findings.values()].flat().map(({ message }) => message.slice(0, 17))).toEqual([
      'shellcheck SC2155',
    ])
  },
)
