import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const answers: Record<string, { type: string; body: Buffer }> = {
  '/latin1': { type: 'text/plain; charset=iso-8859-1', body: Buffer.from('café', 'latin1') },
  '/windows': { type: 'text/plain; charset="windows-1252"', body: Buffer.from([0x80]) },
  '/utf16': { type: 'text/plain', body: Buffer.from('\uFEFFcafé', 'utf16le') },
  '/unknown': { type: 'text/plain; charset=nothing-known', body: Buffer.from('café') },
  '/profile': {
    type: 'text/plain; profile="a;charset=utf-8"; Charset=KOI8-R',
    body: Buffer.from([0xd6]),
  },
  '/mark': { type: 'application/json', body: Buffer.from('\uFEFF{"a":1}') },
  '/big': {
    type: 'application/json',
    body: Buffer.from(
      '{"id":1174332986542346241,"list":[9007199254740993,-9007199254740993],"small":5,"share":0.5}',
    ),
  },
}
let address: string
const server = createServer((request, response) => {
  const { type, body } = answers[request.url ?? ''] ?? { type: 'text/plain', body: Buffer.alloc(0) }
  response.writeHead(200, { 'content-type': type }).end(body)
})
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

const http = (id: string, path: string, attributes: string): string =>
  `<Http id="${id}" title="${id}" ${attributes}>\n\n\`\`\`http\nGET ${address}${path}\n\`\`\`\n\n</Http>\n`

test.each([
  ['/latin1', `text == 'café'`],
  ['/windows', `text == '€'`],
  ['/profile', `text == 'ж'`],
  ['/utf16', `text == 'café'`],
  ['/unknown', `text == 'café'`],
  ['/mark', 'json.a == 1'],
  ['/big', 'json.id == 1174332986542346241 && json.small == 5 && json.share < 0.6'],
])('the answer of %s is read in its charset: %s', async (path, holds) => {
  using space = workspace({ 'content/runbooks/r.mdx': page(http('h', path, `expect="${holds}"`)) })
  const ran = await space.runbook(['exec', 'r', '--yes'])
  expect(ran.code, ran.stdout + ran.stderr).toBe(0)
})

test('a number of 64 bits keeps its digits in outputs, scripts and templates', async () => {
  const steps =
    http('ask', '/big', `outputs="id, whole" values="{'id': json.id, 'whole': json.list}"`) +
    commandStep('use', 'echo "DELETE /messages/$id of $whole"', 'effect="read"')
  using space = workspace({ 'content/runbooks/r.mdx': page(steps) })
  const ran = await space.runbook(['exec', 'r', '--yes'])
  expect(ran.code, ran.stdout + ran.stderr).toBe(0)
  expect(ran.stdout + ran.stderr).toContain(
    'DELETE /messages/1174332986542346241 of [9007199254740993,-9007199254740993]',
  )
})

test.each([
  ['9007199254740993', 0],
  ['9007199254740992', 1],
])('a check of 9007199254740993 against %s exits with %i', async (id, code) => {
  const check = `<Check id="c" title="C" expect="json.id == ${id}">\n\n\`\`\`bash\necho '{"id": 9007199254740993}'\n\`\`\`\n\n</Check>\n`
  using space = workspace({ 'content/runbooks/r.mdx': page(check) })
  expect((await space.runbook(['exec', 'r', '--yes'])).code).toBe(code)
})

test.each([
  'json.small + 1 == 6',
  'json.id - json.small == 1174332986542346236',
  'json.id + 1 == 1174332986542346242',
  'json.small * 2 > 9 && json.small % 2 == 1',
  'json.small / 2 == 2.5',
  'json.share + 1 == 1.5',
])('numbers of JSON and of an expression reckon with one another: %s', async (expression) => {
  using space = workspace({
    'content/runbooks/r.mdx': page(http('ask', '/big', `expect="${expression}"`)),
  })
  const ran = await space.runbook(['exec', 'r', '--yes'])
  expect(ran.code, ran.stdout + ran.stderr).toBe(0)
})

describe('a value of YAML is the text as it is written', () => {
  const show = commandStep('show', 'echo "[$version $id $mode $rate $EXTRA]"', 'effect="read"')

  test('in defaults, options and variables of the frontmatter', async () => {
    const frontmatter =
      'inputs:\n  version: { type: string, default: 1.10 }\n  id: { default: 12345678901234567890 }\n' +
      '  mode: { type: choice, options: [0644, 0755], default: 0755 }\n  rate: { type: number, default: 1.50 }\nenv: { EXTRA: 2.20 }\n'
    using space = workspace({ 'content/runbooks/r.mdx': page(show, frontmatter) })
    const ran = await space.runbook(['exec', 'r', '--yes'])
    expect(ran.stdout + ran.stderr).toContain('[1.10 12345678901234567890 0755 1.50 2.20]')
  })

  test('in a file of answers and in the defaults of an Ask', async () => {
    const ask =
      '<Ask id="ask" title="Which" outputs="rel, code, mode">\n\n```yaml\nrel: {}\ncode: {}\nmode: { default: 0755 }\n```\n\n</Ask>\n'
    using space = workspace({
      'content/runbooks/r.mdx': page(ask + commandStep('show', 'echo "[$rel $code $mode]"', 'effect="read"')),
      'answers.yaml':
        'actor: b@example.com\nanswers:\n  ask: { fields: { rel: 2.20, code: 007, mode: 0755 } }\n',
    })
    const ran = await space.runbook(['exec', 'r', '--yes', '--answers', 'answers.yaml'])
    expect(ran.stdout + ran.stderr).toContain('[2.20 007 0755]')
  })

  test('in the inputs of an Include', async () => {
    const include =
      '<Include id="inc" title="Inc" runbook="child">\n\n```yaml\ninputs: { version: 1.10 }\n```\n\n</Include>\n'
    using space = workspace({
      'content/runbooks/r.mdx': page(include),
      'content/runbooks/child.mdx': page(
        commandStep('c', 'echo "[$version]"', 'effect="read"'),
        'inputs: { version: {} }\n',
      ),
    })
    const ran = await space.runbook(['exec', 'r', '--yes'])
    expect(ran.stdout + ran.stderr).toContain('[1.10]')
  })

  test('one that is not a value of its type is refused, and not changed into one', async () => {
    using space = workspace({
      'content/runbooks/r.mdx': page(show, 'inputs: { version: { type: int, default: 0x1F } }\n'),
    })
    const checked = await space.runbook(['check'])
    expect(checked.stdout + checked.stderr).toContain('Unexpected value `0x1F`, expected a whole number')
  })
})
