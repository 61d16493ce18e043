import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { binary } from '../../support/workspace.ts'

let cwd: string

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'document-'))
})
afterEach(() => rmSync(cwd, { recursive: true }))

function write(name: string, text: string): void {
  mkdirSync(dirname(join(cwd, name)), { recursive: true })
  writeFileSync(join(cwd, name), text)
}

function runbook(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, RUNBOOK_CACHE: join(cwd, 'cache'), NO_COLOR: '1' }
  return spawnSync(process.execPath, [binary, ...args], { cwd, encoding: 'utf8', env })
}

test('check prints one line for each finding into a pipe, and exits with 3 when there is an error', () => {
  write('content/runbooks/a.md', '# A\n\n[b](b.md)\n\nTODO\n\n```bash\nls\n```\n')
  const { status, stdout, stderr } = runbook('check')
  const lines = stdout.trimEnd().split('\n')
  expect(lines).toHaveLength(2)
  expect(lines[0]).toMatch(
    /^content\/runbooks\/a\.md:3:1: error: .* \[broken-link\] · hint: .* · docs: .*broken-link\/$/,
  )
  expect(lines[1]).toMatch(/^content\/runbooks\/a\.md:5:1: warning: /)
  expect([status, stderr]).toEqual([3, '1 runbook checked: 1 error, 1 warning\n'])
})

test('check of a folder prints JSON, SARIF and annotations', () => {
  write('docs/a.md', '# A\n\nTODO\n\n```bash\nls\n```\n')
  expect(JSON.parse(runbook('check', 'docs', '--json').stdout)).toMatchObject({
    checked: 1,
    errors: 0,
    warnings: 1,
  })
  expect(JSON.parse(runbook('check', 'docs', '--format', 'sarif').stdout)).toMatchObject({ version: '2.1.0' })
  expect(runbook('check', 'docs', '--format', 'github').stdout).toMatch(/^::warning file=docs\/a\.md,line=3,/)
  expect(runbook('check', 'docs', '--format', 'sarfi').stderr).toContain('Did you mean `sarif`?')
})

test('a placeholder without a value stops the step before its command', () => {
  write('content/runbooks/a.md', '# A\n\n```bash\ntouch ran-<pod>\n```\n')
  const { status, stderr } = runbook('exec', 'a', '--yes')
  expect([status, stderr]).toEqual([
    1,
    expect.stringContaining('No value for `pod`. The value for <pod>. Add `-i pod=…`'),
  ])
  const given = runbook('exec', 'a', '--yes', '-i', 'pod=api-0')
  expect([given.status, given.stderr]).toEqual([0, expect.not.stringContaining('No value for')])
  expect([existsSync(join(cwd, 'ran-api-0')), existsSync(join(cwd, 'ran-'))]).toEqual([true, false])
})

test('a document without steps is checked and shown, and never run', () => {
  write('content/runbooks/a.md', '# A\n\nWords.\n')
  expect(runbook('check').status).toBe(0)
  const { status, stderr } = runbook('exec', 'a', '--yes')
  expect([status, stderr]).toEqual([3, expect.stringContaining('nothing to run')])
})

test('new writes a runbook that passes check, and never over another', () => {
  expect(runbook('new', 'incident', 'db/locks').stdout).toBe('content/runbooks/db/locks.mdx\n')
  expect(runbook('check').stderr).toBe('1 runbook checked: 0 errors, 0 warnings\n')
  expect(runbook('new', 'blank', 'db/locks').status).toBe(2)
})

test('new makes a runbook of a skill, under the name of the skill', () => {
  write('SKILL.md', '---\nname: rotate-keys\ndescription: Rotates.\n---\n\n1. Tell the team\n2. Rotate\n')
  expect(runbook('new', '--from-skill', 'SKILL.md').stdout).toBe('content/runbooks/rotate-keys.mdx\n')
  expect(runbook('new', 'blank', '--from-skill', 'SKILL.md').status).toBe(2)
  expect(runbook('check').stderr).toBe('1 runbook checked: 0 errors, 0 warnings\n')
})

test.each([
  ['blank', 'act', ['service=api']],
  ['incident', 'restart', ['service=api']],
  ['rollback', 'go-back', ['service=api', 'revision=3']],
])('the step of the template %s that acts is not skipped where all is well', (template, step, inputs) => {
  runbook('new', template, 'made')
  write('bin/kubectl', '#!/bin/sh\n')
  chmodSync(join(cwd, 'bin/kubectl'), 0o755)
  write(
    'answers.yaml',
    `actor: a\nanswers:\n  ${step}: { confirm: ${template === 'incident' ? 'restart' : 'rollback'} }\n  tell: done\n  data: done\n`,
  )
  const env = { ...process.env, PATH: `${join(cwd, 'bin')}:${process.env['PATH']}`, RUNBOOK_CACHE: 'off' }
  const args = [
    'exec',
    'made',
    '--yes',
    '--only',
    step,
    '--answers',
    'answers.yaml',
    ...inputs.flatMap((one) => ['-i', one]),
  ]
  const { status, stderr } = spawnSync(process.execPath, [binary, ...args], { cwd, encoding: 'utf8', env })
  expect([status, stderr]).toEqual([0, expect.stringContaining(`✓ ${step} exited with code 0`)])
})

test('import names what it cannot read, and goes on with the rest', () => {
  write('old/a-deep.md', `# A\n\n${'>'.repeat(5000)} x\n`)
  write('old/b.md', '# B\n\n```bash\ntrue\n```\n')
  const { status, stdout, stderr } = runbook('import', 'old')
  expect([status, stderr]).toEqual([3, ''])
  expect(stdout).toMatch(/^old\/a-deep\.md:1: not imported: .* \[too-deep\]\nold\/b\.md → .*b\.mdx: 1 step$/m)
})

test('import says which code may be meant to run, and which files it ignored', () => {
  write('wiki/plain.md', '# Plain\n\n```\nkubectl get pods\n```\n')
  write('wiki/other.adoc', '= Other\n')
  const { status, stdout, stderr } = runbook('import', 'wiki')
  expect([status, stderr]).toEqual([3, expect.stringContaining('No document has a step')])
  expect(stdout).toMatch(
    /^wiki\/plain\.md: nothing to run\n {2}wiki\/plain\.md:3: .* looks like a command\. Write `bash`/,
  )
  expect(stderr).toContain('To publish it, copy it to the same place below content/runbooks')
  expect(stderr).toContain('Files of other formats were ignored: 1 .adoc.')
  rmSync(join(cwd, 'wiki/plain.md'))
  expect(runbook('import', 'wiki')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/no document .* that can be imported\n {2}hint: .*1 \.adoc/) as string,
  })
})

test('import names each link that would lead nowhere, with its line and what to do', () => {
  write('far/docs/a.md', '# A\n\n[s](../s.sh) [b](b.md)\n![i](i.png) [n](no.md)\n\n```bash\ntrue\n```\n')
  write('far/docs/b.md', '# B\n\nWords.\n')
  write('far/docs/i.png', '')
  write('far/s.sh', 'true\n')
  write('far/ws/runbook.config.ts', 'export default {}\n')
  const { status, stdout } = spawnSync(process.execPath, [binary, 'import', '../docs', '--dry-run'], {
    cwd: join(cwd, 'far/ws'),
    encoding: 'utf8',
  })
  expect(status).toBe(0)
  expect(stdout).toContain('a.md:3: `../s.sh` leads out of the imported folder')
  expect(stdout).toContain(
    'a.md:3: `b.md` will lead nowhere until `../docs/b.md` is copied to `content/runbooks/b.md`',
  )
  expect(stdout).toContain('a.md:4: `i.png` will lead nowhere until `../docs/i.png` is copied')
  expect(stdout).toContain('a.md:4: `no.md` leads to no file')
})

test('a document of another ending is refused with advice', () => {
  write('wiki/a.erb', '# A\n')
  write('wiki/b.markdown', '# B\n\n```bash\ntrue\n```\n')
  const render = 'Render templates to Markdown, in files that end in .md.'
  const rename = 'Rename files that end in .markdown to end in .md, or import them.'
  for (const [command, path, advice] of [
    ['check', 'wiki/a.erb', render],
    ['import', 'wiki/a.erb', render],
    ['check', 'wiki/b.markdown', rename],
    ['check', 'wiki', `1 .erb, 1 .markdown. A template is not read. ${render} ${rename}`],
  ] as const) {
    const { status, stdout, stderr } = runbook(command, path)
    expect([command, status, stdout, stderr]).toEqual([command, 2, '', expect.stringContaining(advice)])
  }
  expect(runbook('import', 'wiki')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('b.mdx: 1 step') as string,
    stderr: expect.stringContaining(`were ignored: 1 .erb. A template is not read. ${render}`) as string,
  })
  expect(runbook('exec', 'wiki/b.markdown', '--yes')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('`wiki/b.markdown` is not a runbook') as string,
  })
})

test('import writes beside, reports, and leaves the original alone', () => {
  const text =
    '# Disk full {#disk}\n\n<center>Look</center>\n\n1. Check:\n\n   ```bash\n   $ df -h <path>\n   out\n   ```\n'
  write('old/DiskFull.md', text)
  const { status, stdout } = runbook('import', 'old')
  expect(status).toBe(0)
  expect(stdout).toContain('old/DiskFull.md → content/runbooks/DiskFull.mdx: 1 step\n')
  expect(stdout).toContain('old/DiskFull.md:3: the HTML `<center>` was left out, its words stay')
  expect(readFileSync(join(cwd, 'old/DiskFull.md'), 'utf8')).toBe(text)
  expect(runbook('check', 'diskfull').stdout).toBe('')
  expect(runbook('import', 'old').status).toBe(2)
})
