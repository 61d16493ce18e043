import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Event } from '../../../runner/journal/record/event.ts'
import { readJournal } from '../../../runner/journal/record/read-journal.ts'
import { files, listRuns, runFolder } from '../../../runner/journal/record/run-store.ts'
import { hasTerminal, keys, onTerminal } from '../../support/terminal.ts'
import { binary, commandStep, page, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

interface Waiting {
  name: string
  /** The step `one`, which waits. */
  step: (attributes: string, metrics: string) => string
  /** What the terminal shows while it waits. */
  prompt: string
  /** Exit code without anybody who could answer. */
  alone: number
  /** What the next command is, without anybody who could answer. */
  next: string
  /** Whether `--yes` answers it, and what an answers file says. */
  yes?: boolean
  answers?: string
  /** Events that let it go on; none may be there. */
  decision: string
}

const fenced = (lang: string, text: string): string => `\n\`\`\`${lang}\n${text}\n\`\`\`\n`

const kinds: Waiting[] = [
  {
    name: 'Approval',
    step: (attributes) =>
      `<Approval id="one" title="Go?" approvers="boss@example.com" ${attributes}>\n\nLook at it first.\n\n</Approval>\n`,
    prompt: ' one --reason "…"',
    alone: 5,
    next: 'runbook approve RUN one',
    answers: 'one: done',
    decision: 'approval-given',
  },
  {
    name: 'Approval in a lab',
    step: (attributes) => `<Approval id="one" title="Go?" approvers="boss@example.com" ${attributes} />\n`,
    prompt: 'Reject',
    alone: 5,
    next: 'runbook approve RUN one',
    answers: 'one: done',
    decision: 'approval-given',
  },
  {
    name: 'Checklist',
    step: (attributes) =>
      `<Checklist id="one" title="Look" ${attributes}>\n\n- [ ] it is there\n\n</Checklist>\n`,
    prompt: 'it is there',
    alone: 5,
    next: 'runbook resume RUN --answers',
    answers: 'one: done',
    decision: 'task-ticked',
  },
  {
    name: 'Ask',
    step: (attributes) =>
      `<Ask id="one" title="Say" outputs="severity" ${attributes}>\n${fenced('yaml', 'severity: { type: string }')}\n</Ask>\n`,
    prompt: 'severity',
    alone: 5,
    next: 'runbook resume RUN --answers',
    answers: 'one: { fields: { severity: P1 } }',
    decision: 'field-answered',
  },
  {
    name: 'confirm',
    step: (attributes) =>
      `<Check id="one" title="Sure" confirm="really" ${attributes}>\n${fenced('bash', 'true')}\n</Check>\n`,
    prompt: 'type really to go on',
    alone: 5,
    next: 'runbook resume RUN --answers',
    answers: 'one: { confirm: really }',
    decision: 'word-confirmed',
  },
  {
    name: 'a step that writes',
    step: (attributes) =>
      `<Command id="one" title="Write" ${attributes}>\n${fenced('bash', 'true')}\n</Command>\n`,
    prompt: 'Run one?',
    alone: 5,
    next: 'runbook resume RUN --yes',
    yes: true,
    decision: 'step-confirmed',
  },
  {
    name: 'a gate nobody can decide',
    step: (attributes, metrics) =>
      `<Gate id="one" title="Holds" source="${metrics}" for="100ms" interval="20ms" maxNoData={0} onInconclusive="ask" ${attributes}>\n${fenced('yaml', '- value: no_such_metric\n  below: 1')}\n</Gate>\n`,
    prompt: 'What follows from that?',
    alone: 5,
    next: 'runbook resume RUN',
    answers: 'one: done',
    decision: 'gate-answered',
  },
]

/** Everything that is not a decision. */
const ways = ['no terminal', 'echo y |', '/dev/null', '--no-input', '--yes', '--answers'] as const
const terminalWays = [
  'Ctrl-C',
  'SIGINT',
  'SIGTERM',
  'the terminal goes away',
  'EOF in mid-prompt',
  'timeout',
] as const

let server: Server
let metrics = ''
beforeAll(async () => {
  server = createServer((_, response) => response.end('up 1\n'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  metrics = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
})
afterAll(() => void server.close())

function prepare(kind: Waiting, attributes = ''): Workspace {
  const lab = kind.name.endsWith('in a lab') ? 'selfApproval: true\n' : ''
  const after = commandStep('after', 'touch advanced', 'effect="read"')
  return workspace({
    'content/runbooks/x.mdx': page(kind.step(attributes, metrics) + '\n' + after, lab),
    'answers.yaml': `actor: carol@example.com\nanswers:\n  ${kind.answers ?? 'other: done'}\n`,
  })
}

function journal(space: Workspace): { run: string; events: Event[] } {
  const [run = ''] = listRuns(join(space.root, '.runbook'))
  return { run, events: readJournal(join(runFolder(join(space.root, '.runbook'), run), files.journal)) }
}

/** Nothing was decided, nothing after it ran, and what is said leads on. */
function expectHeld(space: Workspace, kind: Waiting): string {
  const { run, events } = journal(space)
  expect(events.map(({ type }) => type)).not.toContain(kind.decision)
  expect(existsSync(join(space.root, 'advanced'))).toBe(false)
  return run
}

describe.concurrent.each(kinds)('$name', (kind) => {
  test.each(ways)('does not advance with %s', async (way) => {
    using space = prepare(kind)
    const flags = {
      '--yes': ['--yes'],
      '--no-input': ['--no-input'],
      '--answers': ['--answers', 'answers.yaml'],
    }
    const args = ['exec', 'x', ...(flags[way as keyof typeof flags] ?? [])]
    const input = way === 'echo y |' ? 'y\ny\ny\n' : ''
    const ran = await withInput(space, args, input)
    const answered =
      (way === '--yes' && kind.yes) ||
      (way === '--answers' && ['Checklist', 'Ask', 'confirm'].includes(kind.name))
    if (answered) {
      const { events } = journal(space)
      const [decision] = events.filter(({ type }) => type === kind.decision)
      expect(decision?.actor).toMatchObject({
        id: 'alice@example.com',
        via: way === '--yes' ? 'flag' : 'answers',
      })
      return
    }
    const run = expectHeld(space, kind)
    expect(ran.code, ran.stderr).toBe(kind.alone)
    expect(ran.stderr).toContain(kind.next.replace('RUN', run))
  })

  test.runIf(hasTerminal).each(terminalWays)('does not advance at a terminal with %s', async (way) => {
    const limited = way === 'timeout' && !['confirm', 'a step that writes'].includes(kind.name)
    using space = prepare(kind, limited ? 'timeout="300ms"' : '')
    const terminal = onTerminal(space.root, ['exec', 'x'])
    if (!limited) await terminal.sees(kind.prompt)
    if (way === 'EOF in mid-prompt') terminal.type(keys.end)
    if (way === 'the terminal goes away' || way === 'EOF in mid-prompt') {
      await terminal.hangUp()
      expectHeld(space, kind)
      return
    }
    if (way === 'Ctrl-C') terminal.type(keys.interrupt)
    else if (way === 'timeout' && !limited) terminal.signal('SIGTERM')
    else if (way !== 'timeout') terminal.signal(way)
    const { code, screen } = await terminal.ended
    const run = expectHeld(space, kind)
    const codes = {
      'Ctrl-C': 130,
      SIGINT: 130,
      SIGTERM: 143,
      timeout: limited ? 5 : 143,
    }
    expect(code, screen).toBe(codes[way])
    expect(screen).toContain(limited ? kind.next.replace('RUN', run) : `runbook resume ${run}`)
  })
})

/** Runs the program with something on standard input that is no terminal. */
async function withInput(space: Workspace, args: string[], input: string) {
  const child = spawn(process.execPath, [binary, ...args], {
    cwd: space.root,
    env: { ...process.env, RUNBOOK_ACTOR: 'alice@example.com' },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, stderr }
}
