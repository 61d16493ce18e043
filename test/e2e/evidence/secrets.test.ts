import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventsOf, expectNoStepProcess, runIds } from '../../support/attack/attack.ts'
import { start } from '../../support/live.ts'
import { encodings } from '../../support/redaction.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'
import type { Workspace } from '../../support/workspace.ts'

const canary = 'canary-7f3a/quite+secret&value'
const frontmatter = 'inputs:\n  token:\n    type: secret\n  note:\n    type: string\n    default: none\n'

const printing = `
printf 'one %s two\\n' "$token"
for part in $(printf %s "$token" | fold -w 3); do printf %s "$part"; sleep 0.01; done; echo
printf %s "$token" | base64 -w 0; echo; printf %s "user:$token" | base64 -w 0; echo
printf %s "$token" | od -An -tx1 | tr -d ' \\n'; echo
echo "warned of $token" > /dev/stderr
echo "told=$token" >> "$RUNBOOK_OUTPUT"
echo "$token=key" >> "$RUNBOOK_OUTPUT"`

/** The texts in which a run leaves the program: each as it is, and as a browser shows it. */
async function exports(space: Workspace, formats: readonly string[]): Promise<[string, string][]> {
  const texts: [string, string][] = []
  for (const format of formats) {
    const { code, stdout, stderr } = await space.runbook(['export', 'last', '--format', format])
    expect(code, stderr).toBe(0)
    texts.push([`export as ${format}`, stdout], [`export as ${format}, shown`, shownText(stdout)])
  }
  return texts
}

/** Entities are resolved and tags left out. */
function shownText(html: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  return html
    .replaceAll(/<[^<>]*>/g, '')
    .replaceAll(
      /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
      (entity, hex?: string, decimal?: string, name?: string) =>
        name === undefined
          ? String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16))
          : (named[name] ?? entity),
    )
}

/** Every byte a run has left, and everything it has said. */
function remains(space: Workspace): Map<string, string> {
  const entries = readdirSync(join(space.root, '.runbook'), { recursive: true, withFileTypes: true })
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file, readFileSync(file).toString('latin1')]),
  )
}

function expectNoCanary(texts: Iterable<[string, string]>): void {
  for (const [where, text] of texts)
    for (const [form, encode] of Object.entries(encodings))
      expect(text.includes(encode(canary)), `${form} form in ${where}`).toBe(false)
}

test.each(['--json', '--quiet', '--no-color'])(
  'a secret lands nowhere, whatever a step does with it (%s)',
  async (flag) => {
    const steps =
      commandStep('print', printing, 'outputs="told"') +
      commandStep(
        'use',
        'echo "$told"; echo "$token" >&2; exit 3',
        '',
        '\n```bash undo\necho "$token"\n```\n',
      )
    using space = workspace({ 'content/runbooks/r.mdx': page(steps, frontmatter) })
    const ran = await space.runbook(['exec', 'r', '--yes', flag], { RUNBOOK_INPUT_TOKEN: canary })
    expect(ran.code, ran.stderr).toBe(1)
    const undone = await space.runbook(['rollback', 'last', '--yes', flag], { RUNBOOK_INPUT_TOKEN: canary })
    const log = await space.runbook(['log', 'last'])
    expectNoCanary([
      ...remains(space),
      ...(await exports(space, ['html', 'markdown'])),
      ...[ran, undone, log].flatMap(({ stdout, stderr }): [string, string][] => [
        ['stdout', stdout],
        ['stderr', stderr],
      ]),
    ])
    expect(
      readFileSync(
        join(space.root, '.runbook/runs', runIds(space.root)[0] ?? '', 'steps/print.1.stdout'),
        'utf8',
      ),
    ).toContain('one [redacted] two')
    expect(
      eventsOf(space.root).find(({ key, type }) => key === 'print' && type === 'step-finished')?.data,
    ).toMatchObject({
      outputs: { told: '[redacted]' },
    })
    await expectNoStepProcess(space.root)
  },
)

/** Tools of the system, each by the name it is looked for with. */
const tools = [
  ['base64', 'base64'],
  ['base64', 'base64 | base64'],
  ['openssl', 'openssl base64'],
  ['openssl', 'openssl base64 -A'],
  ['openssl', 'openssl enc -base64'],
  ['xxd', 'xxd'],
  ['xxd', 'xxd -p'],
  ['xxd', 'xxd -i'],
  ['hexdump', 'hexdump -C'],
  ['hexdump', 'hexdump -c'],
  ['od', 'od -c'],
  ['od', 'od -An -c'],
  ['od', 'od -b'],
  ['od', 'od -An -tu1'],
  ['od', 'od -tx1z'],
  ['od', 'od -x'],
  ['jq', 'jq -Rr @base64'],
  ['jq', 'jq -Rr @uri'],
  ['jq', 'jq -Rr @html'],
  ['jq', 'jq -Rr @sh'],
  ['jq', 'jq -R .'],
  ['jq', 'jq -Rc explode'],
  ['iconv', 'iconv -f UTF-8 -t UTF-16LE'],
  ['iconv', 'iconv -f UTF-8 -t UTF-16BE | base64 -w 0'],
  ['python3', 'python3 all.py'],
] as const

test('a secret in the forms of the tools of the system is in no file of the run, nor in an export', async () => {
  const secret = `T0ken=wörks&"more" than/fifty+bytes, so that lines are wrapped <too>`
  const calls = tools.map(
    ([tool, call]) => `if command -v ${tool} > /dev/null; then printf %s "$token" | ${call} 2>&1; echo; fi`,
  )
  using space = workspace({
    'content/runbooks/r.mdx': page(commandStep('print', calls.join('\n')), frontmatter),
    // The same without the program between, for what is looked for.
    'all.sh': calls.join('\n'),
    'all.py': [
      'import sys, json, quopri, html',
      'raw = sys.stdin.buffer.read()',
      'text = raw.decode()',
      'for form in json.dumps(text), list(raw), quopri.encodestring(raw).decode(), ascii(text), html.escape(text), raw.hex(":"), text.encode("utf-16"):',
      '  print(form)',
    ].join('\n'),
  })
  const ran = await space.runbook(['exec', 'r', '--yes'], { RUNBOOK_INPUT_TOKEN: secret })
  expect(ran.code, ran.stderr).toBe(0)
  const printed = spawnSync('bash', ['all.sh'], { cwd: space.root, env: { ...process.env, token: secret } })
  const lines = printed.stdout
    .toString('latin1')
    .split('\n')
    .filter((line) => line.trim().length > 24)
  expect(lines.length).toBeGreaterThan(60)
  const exported = await exports(space, ['html', 'markdown', 'junit', 'json'])
  const texts = [...remains(space), ...exported, ['stdout', ran.stdout], ['stderr', ran.stderr]] as const
  for (const [where, text] of texts)
    for (const line of lines) expect(text.includes(line.trim()), `${line} in ${where}`).toBe(false)
  expect(remains(space).size).toBeGreaterThan(4)
})

test('a secret that a person types as an answer is recorded redacted', async () => {
  const ask = '<Ask id="why" title="Why?" outputs="reason">\n\n```yaml\nreason: {}\n```\n\n</Ask>\n'
  using space = workspace({
    'content/runbooks/r.mdx': page(ask + commandStep('a', 'true'), frontmatter),
    'answers.yaml': `actor: ann@example.com\nanswers:\n  why: { fields: { reason: "for ${canary}" } }\n`,
  })
  const exec = ['exec', 'r', '--yes', '--answers', 'answers.yaml']
  const ran = await space.runbook(exec, { RUNBOOK_INPUT_TOKEN: canary })
  expect(ran.code, ran.stderr).toBe(0)
  expectNoCanary(remains(space))
  expect(JSON.stringify(eventsOf(space.root))).toContain('for [redacted]')
})

test('an answer and a command line that are cut are not cut within a secret', async () => {
  const server = createServer((_, response) => {
    response.setHeader('x-long', 'x'.repeat(480) + canary)
    response.end('x'.repeat(3980) + canary)
  }).listen(0, '127.0.0.1')
  const { port } = await new Promise<AddressInfo>((resolve) =>
    server.once('listening', () => resolve(server.address() as AddressInfo)),
  )
  const ask = `GET http://127.0.0.1:${port}/\nAuthorization: Bearer \${{ inputs.token }}`
  const left = `setsid -f bash -c 'sleep 5' "$(head -c 470 /dev/zero | tr '\\0' x)$token"`
  const steps = `<Http id="ask" title="Ask">\n\n\`\`\`http\n${ask}\n\`\`\`\n\n</Http>\n${commandStep('left', left)}`
  using space = workspace({ 'content/runbooks/r.mdx': page(steps, frontmatter) })
  const ran = await space.runbook(['exec', 'r', '--yes'], { RUNBOOK_INPUT_TOKEN: canary })
  server.close()
  expect(ran.code, ran.stderr).toBe(0)
  const events = eventsOf(space.root)
  for (const { pid } of events.filter(({ type }) => type === 'process-left').map(({ data }) => data))
    process.kill(Number(pid))
  const texts = [...remains(space), ['stdout', ran.stdout], ['stderr', ran.stderr]] as const
  for (const [where, text] of texts) expect(text.includes(canary.slice(0, 6)), where).toBe(false)
  expect(events.map(({ type }) => type)).toContain('process-left')
})

test('the process list never shows a secret', async () => {
  using space = workspace({
    'content/runbooks/r.mdx': page(
      commandStep('a', 'touch began; while ! test -e go; do sleep 0.02; done'),
      frontmatter,
    ),
    'token.txt': `${canary}\n`,
  })
  const live = start(space.root, ['exec', 'r', '--yes', '--json', '-i', 'token=@token.txt'])
  await live.line('"step-started"')
  const commands = readdirSync('/proc').flatMap((name): [string, string][] => {
    try {
      return /^\d+$/.test(name) ? [[name, readFileSync(`/proc/${name}/cmdline`, 'utf8')]] : []
    } catch {
      return []
    }
  })
  expectNoCanary(commands)
  writeFileSync(join(space.root, 'go'), '')
  const ran = await live.ended
  expect(ran.code, ran.stderr).toBe(0)
})

test.each([
  [['-i', `token=${canary}`], {}, 'was given as an argument'],
  [[], { RUNBOOK_INPUT_TOKEN: 'abc' }, 'shorter than 4 bytes'],
  [['-i', `note=see ${canary}`], { RUNBOOK_INPUT_TOKEN: canary }, 'is also in the input `note`'],
  [[], { RUNBOOK_INPUT_TOKEN: 'echo already' }, 'is also in the document'],
])('a secret that cannot be kept is refused before anything is written: %j %j', async (flags, env, why) => {
  using space = workspace({ 'content/runbooks/r.mdx': page(commandStep('a', 'echo already'), frontmatter) })
  const { code, stderr } = await space.runbook(['exec', 'r', '--yes', ...flags], env)
  expect(code).toBe(2)
  expect(stderr).toContain(why)
  expect(stderr).not.toContain(canary)
  expect(runIds(space.root)).toEqual([])
})
