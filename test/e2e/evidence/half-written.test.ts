import { spawnSync } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { verifyInBrowser } from '../../../runner/journal/verify/browser-verify.ts'
import { testInNode } from '../../support/in-node.ts'
import { runIds } from '../../support/attack/attack.ts'
import { releasedSpace } from '../../support/signing.ts'
import { commandStep, page, workspace } from '../../support/workspace.ts'

const recipe = (folder: string, ...more: string[]) =>
  spawnSync('sh', [resolve('runner/journal/recipe/verify.sh'), folder, ...more], { encoding: 'utf8' })

async function inBrowser(folder: string, index: string): Promise<string[]> {
  const bytes = (name: string): Uint8Array => readFileSync(join(folder, name))
  const checks = await verifyInBrowser({
    journal: bytes('run.jsonl'),
    plan: bytes('plan.json'),
    document: bytes('document.mdx'),
    head: readFileSync(join(folder, 'head.json'), 'utf8'),
    closing: undefined,
    index: readFileSync(index),
    output: (file) => Promise.resolve(bytes(file)),
  })
  return checks.filter(({ status }) => status === 'failed').map(({ message }) => message)
}

test('a last line of the index that a crash cut is not a line for verify, audit, the recipe and the browser, and the next run sets it aside', async () => {
  using space = await releasedSpace()
  const { run } = space
  const folder = join(space.state, 'runs', run)
  const index = join(space.state, 'heads.jsonl')
  const judge = async () => ({
    verify: (await space.as('alice', ['verify', run])).code,
    audit: (await space.as('alice', ['audit'])).code,
    recipe: recipe(folder, join(space.root, 'allowed_signers')).status,
    browser: (await inBrowser(folder, index)).length,
  })
  appendFileSync(index, '{"by":"alice@example.com","final":fal')
  expect((await space.as('alice', ['verify', run])).stdout).toContain(
    'the next command that writes sets it aside',
  )
  expect(await judge()).toEqual({ verify: 0, audit: 0, recipe: 0, browser: 0 })
  await space.release('1.5.0')
  expect(readFileSync(index, 'utf8')).not.toContain('"final":fal{')
  expect(await judge()).toEqual({ verify: 0, audit: 0, recipe: 0, browser: 0 })
  // A whole last line that is cut is a line that is missing.
  writeFileSync(index, readFileSync(index, 'utf8').slice(0, -2))
  const [last = ''] = runIds(space.root).toSorted().toReversed()
  const cut = join(space.state, 'runs', last)
  expect((await space.as('alice', ['verify', last])).code).not.toBe(0)
  expect(recipe(cut, join(space.root, 'allowed_signers')).status).not.toBe(0)
})

test('without a list of keys, a signature that does not sign its text fails verify and the recipe', async () => {
  using space = await releasedSpace()
  const { run } = space
  const head = join(space.state, 'runs', run, 'head.json.sig')
  using plain = workspace({ 'content/runbooks/x.mdx': page(commandStep('act', 'true')) })
  expect((await plain.runbook(['exec', 'x', '--yes'])).code).toBe(0)
  const own = join(plain.root, '.runbook/runs', runIds(plain.root)[0] ?? '')
  const judged = async () => [(await plain.runbook(['verify', 'last'])).code, recipe(own).status]
  expect(await judged()).toEqual([0, 0])
  for (const text of ['no signature\n', '', readFileSync(head, 'utf8')]) {
    writeFileSync(join(own, 'head.json.sig'), text)
    expect(await judged(), text).toEqual([1, 1])
  }
})

testInNode('gc names a run that it cannot read, goes on with the others, and exits with 1', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(commandStep('act', 'true')),
    'runbook.config.ts': `export default { retention: '90d' }\n`,
  })
  for (let run = 0; run < 3; run++) expect((await space.runbook(['exec', 'x', '--yes'])).code).toBe(0)
  const ids = runIds(space.root).toSorted()
  const journal = join(space.root, '.runbook/runs', ids[1] ?? '', 'run.jsonl')
  // Longer than any journal that is read.
  spawnSync('truncate', ['-s', '300M', journal])
  const later = 'const now = Date.now; Date.now = () => now() + 91 * 86400000'
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(later)}` }
  const { code, stdout } = await space.runbook(['gc', '--json'], env)
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    removed: expect.arrayContaining([ids[0], ids[2]]) as string[],
    kept: [],
    unreadable: [{ run: ids[1], why: expect.stringContaining('more than the') as string }],
  })
})

test('a link that lies where the head goes is replaced, and its file is left alone', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(
      commandStep('act', 'for folder in .runbook/runs/*/; do ln -s "$PWD/mine" "${folder}head.json"; done'),
    ),
    mine: 'mine\n',
  })
  const { code, stderr } = await space.runbook(['exec', 'x', '--yes'])
  expect(code, stderr).toBe(0)
  expect(readFileSync(join(space.root, 'mine'), 'utf8')).toBe('mine\n')
  expect((await space.runbook(['verify', 'last'])).code).toBe(0)
})
