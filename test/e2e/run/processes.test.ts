import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startOf } from '../../../runner/engine/process/processes.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

test('a step says that a process it left in the background was ended with it', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(
      commandStep('a', 'nohup sleep 60 < /dev/null > /dev/null 2>&1 &\necho $! > pid'),
    ),
  })
  const ran = await space.runbook(['exec', 'x', '--yes', '--json'])
  expect(ran.code).toBe(0)
  expect(ran.stdout).toContain(
    'exited with code 0; 1 process in the background was ended with it (setsid starts one that stays)',
  )
  expect(startOf(Number(readFileSync(join(space.root, 'pid'), 'utf8')))).toBeUndefined()
})

test.runIf(process.platform === 'linux')(
  'a process in a session of its own outlives its step, and the run names it',
  async () => {
    using space = workspace({
      'content/runbooks/x.mdx': page(
        commandStep(
          'a',
          'setsid sh -c "echo \\$\\$ > pid; exec sleep 60" < /dev/null > log 2>&1 &\nwhile ! test -s pid; do sleep 0.02; done',
        ),
      ),
    })
    const ran = await space.runbook(['exec', 'x', '--yes', '--json'])
    const pid = Number(readFileSync(join(space.root, 'pid'), 'utf8'))
    onTestFinished(() => void process.kill(pid, 'SIGKILL'))
    expect(ran.code).toBe(0)
    expect(ran.stdout).toContain(`left process ${pid} running`)
    expect(ran.stdout).not.toContain('ended with it')
    expect(existsSync(`/proc/${pid}`)).toBe(true)
  },
)

test.runIf(process.platform === 'linux')(
  'a process that setsid starts in the last line of a script has the time to leave',
  async () => {
    using space = workspace({
      'content/runbooks/x.mdx': page(
        commandStep('a', 'setsid sh -c "echo \\$\\$ > pid; exec sleep 60" < /dev/null > log 2>&1 &') +
          commandStep('b', 'while ! test -s pid; do sleep 0.02; done', 'timeout="20s"'),
      ),
    })
    const ran = await space.runbook(['exec', 'x', '--yes', '--json'])
    expect(ran.code, ran.stdout).toBe(0)
    const pid = Number(readFileSync(join(space.root, 'pid'), 'utf8'))
    onTestFinished(() => void process.kill(pid, 'SIGKILL'))
    expect(ran.stdout).toContain(`left process ${pid} running`)
    expect(ran.stdout).not.toContain('ended with it')
  },
)

test('an output with a NUL character fails the step that produced it', async () => {
  const steps =
    commandStep('make', 'printf \'a=bad\\x00byte\\n\' >> "$RUNBOOK_OUTPUT"', 'outputs="a"') +
    commandStep('use', 'touch used')
  using space = workspace({ 'content/runbooks/x.mdx': page(steps) })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain('Step `make` exited with code 0, but its output `a` contains a NUL character')
  expect(existsSync(join(space.root, 'used'))).toBe(false)
})

test('a step that leaves something else than a short file at $RUNBOOK_OUTPUT fails, and the run ends', async () => {
  const steps = commandStep('make', 'rm "$RUNBOOK_OUTPUT"\n$how "$RUNBOOK_OUTPUT"', 'outputs="a"')
  const inputs = 'inputs:\n  how: { type: string }\n  token: { type: secret, required: false }\n'
  using space = workspace({ 'content/runbooks/x.mdx': page(steps, inputs) })
  const made = { mkfifo: 'is not a regular file', 'truncate -s 2M': 'has 2097152 bytes, more than' }
  for (const [how, why] of Object.entries(made)) {
    const ran = await space.runbook(['exec', 'x', '--yes', '-i', `how=${how}`])
    expect([ran.code, ran.stderr]).toEqual([
      1,
      expect.stringContaining(`Step \`make\` exited, but the output file ${why}`),
    ])
  }
  const ran = await space.runbook(['exec', 'x', '--yes', '-i', 'how=mkfifo'], {
    RUNBOOK_INPUT_TOKEN: 'a-long-secret',
  })
  expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('exited with code 74 (EX_IOERR')])
})

test('a script with its own interpreter runs where nothing may be executed', async () => {
  const steps =
    commandStep(
      'node',
      "#!/usr/bin/env -S node --no-warnings\nrequire('fs').writeFileSync('node', String(require('fs').statSync(__filename).mode & 0o111))",
    ) + commandStep('sh', '#!/bin/sh -x\ntest "$-" != "${-#*x}" && ls -l "$0" > sh')
  using space = workspace({ 'content/runbooks/x.mdx': page(steps) })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect(ran.code, ran.stderr).toBe(0)
  // As on a file system mounted `noexec`: the script itself is not executable.
  expect(readFileSync(join(space.root, 'node'), 'utf8')).toBe('0')
  expect(readFileSync(join(space.root, 'sh'), 'utf8')).toMatch(/^-rw-------/)
})

test('an interpreter in a first line that does not exist is named before the first step', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(
      commandStep('a', 'touch ran') + commandStep('b', '#!/opt/no/such/perl\nprint 1'),
    ),
  })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain('/opt/no/such/perl (does not exist)')
  expect(existsSync(join(space.root, 'ran'))).toBe(false)
})

test('a working directory that does not exist is named', async () => {
  using space = workspace({ 'content/runbooks/x.mdx': page(commandStep('a', 'true', 'cwd="nowhere"')) })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect(ran.code).toBe(1)
  expect(ran.stderr).toMatch(/the working directory \S+nowhere does not exist/)
})

/** A server that is a proxy too, which lets only plain http pass and answers by itself; and what was asked of it. */
async function proxy(): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end()
  })
  server.on('connect', ({ url = '' }, socket) => {
    asked.push(`CONNECT ${url}`)
    if (!url.endsWith(':80')) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\nby the proxy'))
    return socket.write('HTTP/1.1 200 OK\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const request = (id: string, url: string, attributes = ''): string =>
  `<Http id="${id}" title="${id}" ${attributes}>\n\n\`\`\`http\nGET ${url}\n\`\`\`\n\n</Http>\n`

test('requests go through the proxies of the environment, except where NO_PROXY says otherwise', async () => {
  const { url, asked } = await proxy()
  const own = await proxy()
  const steps =
    request('outside', 'http://example.invalid/path', 'expect="text == \'by the proxy\'"') +
    request('inside', `${own.url}/path`) +
    request('secure', 'https://example.invalid/')
  using space = workspace({ 'content/runbooks/x.mdx': page(steps) })
  const env = { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: '127.0.0.1' }
  const ran = await space.runbook(['exec', 'x'], env)
  expect(ran.stderr).toContain(
    'Step `secure` GET https://example.invalid/ had no answer: the proxy answered 403',
  )
  expect(asked).toEqual(['CONNECT example.invalid:80', 'CONNECT example.invalid:443'])
  expect(own.asked).toEqual(['/path'])
})

test('steps inherit the proxies, and the password of one is hidden in what they print', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(commandStep('a', 'echo "$HTTPS_PROXY $no_proxy"; false')),
  })
  const env = { HTTPS_PROXY: 'http://bob:hunter-22@proxy.test:3128', no_proxy: '10.0.0.0/8' }
  const ran = await space.runbook(['exec', 'x', '--yes'], env)
  expect(ran.stderr).toContain('@proxy.test:3128 10.0.0.0/8')
  expect(ran.stderr + ran.stdout).not.toContain('hunter-22')
})
