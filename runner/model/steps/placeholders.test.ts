import { spawnSync } from 'node:child_process'
import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { fillPlaceholders, findPlaceholders } from './placeholders.ts'

vi.setConfig({ testTimeout: 60_000 })

const filled = (code: string): string => fillPlaceholders(code, findPlaceholders(code))

function bash(code: string, env: Record<string, string> = {}) {
  return spawnSync('bash', ['-c', code], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', ...env },
  })
}

test.each([
  ['bare', 'printf %s <pod>'],
  ['in double quotes', 'printf %s "<pod>"'],
  ['in single quotes', "printf %s '<pod>'"],
  ['in ANSI quotes', "printf %s $'<pod>'"],
  ['in a substitution', 'printf %s "$(printf %s <pod>)"'],
  ['in backticks', 'printf %s `printf %s <pod>`'],
])('a placeholder %s takes a value as one word', (_, code) => {
  const value = 'a b;$(touch x)`'
  const expected = code.includes('`') ? 'a b;$(touch x)`'.split(' ')[0] : value
  expect(bash(filled(code), { pod: value }).stdout.startsWith(expected ?? '')).toBe(true)
})

test('without a value the command never starts', () => {
  const { status, stdout } = bash(filled('echo ran <pod> | cat'))
  expect(stdout).toBe('')
  expect(bash(filled('echo ran; oc get <pod> -n <ns>')).status).not.toBe(0)
  expect(status === 0 || stdout === '').toBe(true)
})

test('a placeholder in a quoted here-document keeps the script from starting', () => {
  const { status, stderr, stdout } = bash(filled("echo ran\ncat <<'E'\n<raw>\nE"))
  expect([status === 0, stdout]).toEqual([false, ''])
  expect(stderr).toContain('run this by hand')
})

test.each([
  'diff <(a) <(b)',
  'cat <<EOF\nx\nEOF',
  'a < in > out',
  "echo '<b>x</b>'",
  'echo $((1<<2)) # <x>',
  'x <in.txt >out.txt',
])('nothing in %j is a placeholder', (code) => {
  expect(findPlaceholders(code).filter(({ context }) => context !== 'comment')).toEqual([])
})

test('a placeholder may have letters of any script, and its input a name in ASCII', () => {
  const names = (code: string): string[] => findPlaceholders(code).map(({ name }) => name)
  expect(names('stop <Knotenname-für-Süd> <pod e.g. web-1> <account (12 digits)>')).toEqual([
    'knotenname_fur_sud',
    'pod_e_g_web_1',
    'account_12_digits',
  ])
  const [cluster = '', account = '', word = '', again = ''] = names(
    'x <EKS 집합> <EKS 계정> <이름> "<EKS 집합>"',
  )
  for (const name of [cluster, account]) expect(name).toMatch(/^eks_[0-9a-f]{4}$/)
  expect(word).toMatch(/^value_[0-9a-f]{4}$/)
  expect(again).toBe(cluster)
  expect(account).not.toBe(cluster)
  expect(bash(filled('printf %s <EKS 집합>'), { [cluster]: 'a b' }).stdout).toBe('a b')
})

test('a word that is the name of an HTML element is a placeholder where nothing quotes it', () => {
  expect(filled('/opt/jobs/<script>')).toBe('/opt/jobs/"${script:?}"')
})

test.each([
  ['in a field of output', 'vault read x\ntoken: <redacted>', 'output'],
  ['in JSON', '{\n  "token": "<REDACTED>",\n}', 'output'],
  ['in a command', 'curl -H "Authorization: Bearer <redacted>"', 'double'],
  ['in a line that goes on', 'curl -H \\\n  Authorization: <redacted>', 'bare'],
  ['in the text of a command', `curl -d '{\n"token": "<redacted>"}'`, 'single'],
  ['in a here-document', 'cat <<E\ntoken: <redacted>\nE', 'heredoc'],
])('a hidden value %s is told from one to give', (_, code, context) => {
  expect(findPlaceholders(code)).toMatchObject([{ context }])
  const { stdout, status } = bash(filled(`echo ran; ${code}`))
  expect([stdout, status === 0]).toEqual([context === 'output' ? '' : expect.anything(), false])
})

test('text outside placeholders stays unchanged', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '<', '>', '"', "'", '`', '$', '(', ')', '\\', '\n', ' ', '#') }),
      (code) => {
        const placeholders = findPlaceholders(code)
        let rest = code
        for (const { text } of placeholders) rest = rest.replace(text, '')
        let kept = filled(code)
        for (const { name } of placeholders) kept = kept.replaceAll(`\${${name}:?}`, '')
        if (placeholders.length === 0) expect(kept).toBe(code)
        else expect(kept.length).toBeGreaterThanOrEqual(rest.length - placeholders.length)
      },
    ),
  )
})
