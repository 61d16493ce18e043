import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sha256 } from '../../../runner/journal/record/write-journal.ts'
import type { ProcessOutcome } from '../../../runner/kinds/kind.ts'
import { testInNode } from '../../support/in-node.ts'
import { eventsOf, expectNoStepProcess, runIds } from '../../support/attack/attack.ts'
import { hasTerminal, keys, onTerminal } from '../../support/terminal.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const secret = 'inputs:\n  token:\n    type: secret\n'
const token = 'correct horse battery'

function tty(script: string, frontmatter = '', attributes = ''): Record<string, string> {
  return {
    'content/runbooks/t.mdx': page(commandStep('ask', script, `tty ${attributes}`), frontmatter),
    token,
  }
}

interface Cast {
  header: { version: number; term: object; timestamp: number }
  events: [interval: number, code: string, data: string][]
}

/** The recording of a run's only step, after a look at its digest. */
function recordingOf(root: string): Cast & { text: string; printed: string } {
  const ended = eventsOf(root).find(({ type }) => type === 'step-ended')
  const outcome = (ended?.data['data'] as { process: ProcessOutcome } | undefined)?.process
  if (!outcome) throw new Error('No step has ended')
  const read = (stream: string): string => {
    const kept = outcome.files.find((file) => file.stream === stream)
    const bytes = readFileSync(join(root, '.runbook/runs', runIds(root)[0] ?? '', kept?.file ?? ''))
    expect(kept).toMatchObject({ bytes: bytes.length, sha256: sha256(bytes) })
    return bytes.toString()
  }
  expect(outcome.files.map(({ stream }) => stream)).toEqual(['stdout', 'recording'])
  const text = read('recording')
  const [header, ...events] = text
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  return { header, events, text, printed: read('stdout') } as Cast & { text: string; printed: string }
}

test('a tty step has a terminal where nobody sits, reads the end of its input, and leaves a redacted recording', async () => {
  using space = workspace(
    tty(
      'test -t 0 && test -t 1 && test -t 2\nstty size\necho "to stderr" >&2\nprintf "%s" "${token:0:9}"\nprintf "%s\\n" "${token:9}"\nread -r line || echo "nobody typed"',
      secret,
    ),
  )
  const { code, stderr } = await space.runbook(['exec', 't', '--yes', '-i', 'token=@token'])
  expect(code, stderr).toBe(0)
  const { header, events, text, printed } = recordingOf(space.root)
  expect(printed).toBe('24 80\r\nto stderr\r\n[redacted]\r\nnobody typed\r\n')
  expect(header).toEqual({
    version: 3,
    term: { cols: 80, rows: 24, type: expect.any(String) as string },
    timestamp: expect.any(Number) as number,
  })
  expect(events.at(-1)?.slice(1)).toEqual(['x', '0'])
  expect(events.map(([, kind, data]) => (kind === 'o' ? data : '')).join('')).toBe(printed)
  expect(events.every(([interval]) => interval >= 0)).toBe(true)
  expect(text).not.toContain('battery')
  expect((await space.runbook(['verify', 'last'])).code).toBe(0)
})

test.skipIf(!hasTerminal)(
  'a prompt appears before its answer although all passes the redactor, and what is typed reaches the step',
  async () => {
    using space = workspace(
      tty(
        'stty size\nread -rsp "Passphrase: " typed\necho\nread -rp "Sure? " sure\necho "$sure ${#typed}"',
        secret,
      ),
    )
    const { sees, type, ended } = onTerminal(space.root, ['exec', 't', '--yes', '-i', 'token=@token'])
    await sees('40 100')
    await sees('Passphrase: ')
    type(`hunter2${keys.enter}`)
    await sees('Sure? ')
    type(`yes${keys.enter}`)
    await sees('yes 7')
    const { code, screen } = await ended
    expect(code, screen).toBe(0)
    const { header, text } = recordingOf(space.root)
    expect(header.term).toMatchObject({ cols: 100, rows: 40 })
    expect(text).not.toContain('hunter2')
  },
)

test.skipIf(!hasTerminal)(
  'Ctrl-C goes to the program on the terminal; Ctrl-] three times stops the run',
  async () => {
    using space = workspace(
      tty('trap "echo heard it" INT\necho ready\nwhile :; do read -r -t 60 _ || :; done', '', 'timeout="2m"'),
    )
    const { sees, type, ended } = onTerminal(space.root, ['exec', 't', '--yes'], { RUNBOOK_GRACE: '1s' })
    await sees('ready')
    type(keys.interrupt)
    await sees('heard it')
    type('\u001d\u001d\u001d')
    expect((await ended).code).toBe(130)
    const types = eventsOf(space.root).map(({ type: name }) => name)
    expect(types.at(-1)).toBe('run-paused')
    await expectNoStepProcess(space.root)
  },
)

test('a tty step outlives a killed runner like any other, and its end is taken over', async () => {
  using space = workspace(
    tty('echo one\nkill -KILL "$(cat runner)"\nsleep 0.3\necho two\nread -r _ || echo done'),
  )
  const naming = `import fs from 'node:fs'; if (!/shim/.test(process.argv[1])) fs.writeFileSync('runner', String(process.pid))`
  const started = await space.runbook(['exec', 't', '--yes'], {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(naming)}`,
  })
  expect(started.signal).toBe('SIGKILL')
  const { code, stderr } = await space.runbook(['resume', 'last', '--yes'])
  expect(code, stderr).toBe(0)
  const { events, printed } = recordingOf(space.root)
  expect(printed).toBe('one\r\ntwo\r\ndone\r\n')
  expect(events.at(-1)?.slice(1)).toEqual(['x', '0'])
  expect(eventsOf(space.root).filter(({ type }) => type === 'step-started')).toHaveLength(1)
  await expectNoStepProcess(space.root)
})

testInNode(
  'without the package for terminals a run with such a step does not begin, and doctor says so too',
  async () => {
    using space = workspace(tty('true'))
    const without = {
      NODE_OPTIONS: `--import=${new URL('../../support/without-pty.mjs', import.meta.url).href}`,
    }
    const { code, stderr } = await space.runbook(['exec', 't', '--yes'], without)
    expect(stderr).toContain('npm install @lydell/node-pty')
    expect(code).not.toBe(0)
    expect(runIds(space.root)).toEqual([])
    const doctor = await space.runbook(['doctor', 't'], without)
    expect(doctor.stdout + doctor.stderr).toContain('npm install @lydell/node-pty')
    expect(doctor.code).not.toBe(0)
  },
)
