import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hasTerminal, keys, onTerminal } from '../../support/terminal.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const optional =
  'inputs:\n  ticket: { type: string, required: false }\n  count: { type: int, required: false }\n  token: { type: secret, required: false }\n'

test('an optional input that is not given is empty in scripts and conditions', async () => {
  const steps =
    commandStep('script', 'printf "[%s]" "$ticket" "$count" "$token" > seen') +
    commandStep('wanted', 'touch wanted', 'when="inputs.ticket != \'\'"') +
    commandStep('asked', 'touch asked', 'when="has(inputs.ticket)"') +
    commandStep('empty', 'printf empty >> seen', 'when="inputs.ticket == \'\' && !has(inputs.count)"')
  using space = workspace({ 'content/runbooks/x.mdx': page(steps, optional) })
  const ran = await space.runbook(['exec', 'x', '--yes'])
  expect(ran.code, ran.stderr).toBe(0)
  expect(readFileSync(join(space.root, 'seen'), 'utf8')).toBe('[][][]empty')
  expect(() => readFileSync(join(space.root, 'wanted'))).toThrow('ENOENT')
  expect(() => readFileSync(join(space.root, 'asked'))).toThrow('ENOENT')
})

test('an optional input that is not given is empty in a request', async () => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end()
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const step = `<Http id="note" title="Note">\n\n\`\`\`http\nGET ${url}/?ticket=\${{ inputs.ticket }}&end\n\`\`\`\n\n</Http>\n`
  using space = workspace({ 'content/runbooks/x.mdx': page(step, optional) })
  const ran = await space.runbook(['exec', 'x'])
  server.close()
  expect(ran.code, ran.stderr).toBe(0)
  expect(asked).toEqual(['/?ticket=&end'])
})

test('an empty value of an optional input is the same as none, whatever its type', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(commandStep('a', 'printf "[%s]" "$count" > seen'), optional),
  })
  expect((await space.runbook(['exec', 'x', '--yes', '-i', 'count='])).code).toBe(0)
  expect(readFileSync(join(space.root, 'seen'), 'utf8')).toBe('[]')
})

test('a request that needs the output of a skipped step is not sent, and the step says which output', async () => {
  const steps =
    commandStep('make', 'echo "id=1" >> "$RUNBOOK_OUTPUT"', 'outputs="id"') +
    '<Http id="use" title="Use">\n\n```http\nGET http://127.0.0.1:1/${{ outputs.id }}\n```\n\n</Http>\n'
  using space = workspace({ 'content/runbooks/x.mdx': page(steps) })
  const ran = await space.runbook(['exec', 'x', '--yes', '--skip', 'make', '--reason', 'made by hand'])
  expect(ran.code).toBe(1)
  expect(ran.stderr).toContain('`outputs.id` has no value, because step `make` did not produce it')
})

test.runIf(hasTerminal)('a resume asks for the secret that the run was started with', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(
      commandStep('a', 'test -e go && test "${#token}" = 13'),
      'inputs:\n  token: { type: secret }\n',
    ),
  })
  expect((await space.runbook(['exec', 'x', '--yes'], { RUNBOOK_INPUT_TOKEN: 'correct-horse' })).code).toBe(1)
  space.write('go', '')
  const terminal = onTerminal(space.root, ['resume', 'last', '--yes'])
  await terminal.sees('token')
  terminal.type(`correct-horse${keys.enter}`)
  const { code, screen } = await terminal.ended
  expect(code, screen).toBe(0)
  expect(screen).not.toContain('correct-horse')
})

const fields =
  '<Ask id="ask" title="Which" outputs="rel, code, note">\n\n```yaml\nrel: { description: Release }\ncode: { default: blue }\nnote: { required: false }\n```\n\n</Ask>\n'

test('a file of answers that leaves a field out gives its default, or nothing where none is needed', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(
      fields + commandStep('use', 'printf "%s/%s/%s" "$rel" "$code" "$note" > seen'),
    ),
    'answers.yaml': 'actor: bot@example.com\nanswers:\n  ask: { fields: { rel: two } }\n',
  })
  const ran = await space.runbook(['exec', 'x', '--yes', '--answers', 'answers.yaml'])
  expect(ran.code, ran.stderr).toBe(0)
  expect(readFileSync(join(space.root, 'seen'), 'utf8')).toBe('two/blue/')
})

test('a file of answers that omits a step leaves its fields to a person', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(fields),
    'answers.yaml': 'actor: bot@example.com\nanswers: {}\n',
  })
  expect((await space.runbook(['exec', 'x', '--yes', '--answers', 'answers.yaml'])).code).toBe(5)
})
