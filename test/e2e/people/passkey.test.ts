import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventsOf } from '../../support/attack/attack.ts'
import { authenticator } from '../../support/passkey.ts'
import type { Authenticator } from '../../support/passkey.ts'
import { signedSpace } from '../../support/signing.ts'
import type { SignedSpace } from '../../support/signing.ts'
import { serving } from '../../support/started.ts'
import type { Serving } from '../../support/started.ts'
import { commandStep, page as runbookOf } from '../../support/workspace.ts'
import { launch } from '../../site/support/browser.ts'

let browser: Browser
let page: Page
let device: Authenticator
let space: SignedSpace

const bob = { RUNBOOK_ACTOR: 'bob@example.com', RUNBOOK_SIGNING_KEY: 'none' }

beforeAll(async () => {
  browser = await launch()
  page = await browser.newPage()
  device = await authenticator(page)
  space = signedSpace()
  const go =
    '<Approval id="go" title="Go" approvers="bob@example.com" presence="verified">\nRead it.\n</Approval>'
  space.write('content/runbooks/x.mdx', runbookOf(`${go}\n\n${commandStep('ship', 'touch shipped')}`))
  await using adding = await serving(space.root, ['keys', 'add', '--browser'], bob)
  await page.goto(adding.address)
  await page.getByRole('button', { name: 'Make a passkey' }).click()
  await page.getByText('Signed.').waitFor()
  const { code, stdout } = await adding.ended
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(
      /^bob@example\.com namespaces="\S+" sk-ecdsa-sha2-nistp256@openssh\.com AAAA\S+ webauthn:\S+\n$/,
    ),
  ])
  const file = join(space.root, 'allowed_signers')
  writeFileSync(file, readFileSync(file, 'utf8') + stdout)
})

afterAll(async () => {
  await browser.close()
  space[Symbol.dispose]()
})

/** A run of alice that waits, and the page on which bob decides. */
async function deciding(): Promise<Serving> {
  expect((await space.as('alice', ['exec', 'x', '--yes'])).code).toBe(5)
  return serving(space.root, ['approve', 'last', 'go', '--browser'], bob)
}

/** The verdict of the recipe on the last run. */
function recipeSays(): string {
  const recipe = join(import.meta.dirname, '../../../runner/journal/recipe/verify.sh')
  const folder = join(space.state, 'runs', eventsOf(space.root)[0]?.run ?? '')
  return spawnSync('sh', [recipe, folder], { encoding: 'utf8' }).stdout
}

test('an approval by a passkey passes run, verify, recipe and gate', async () => {
  await using serve = await deciding()
  await page.goto(serve.address)
  expect(await page.locator('#shown').textContent()).toContain('touch shipped')
  await page.getByLabel('Reason').fill('I read it')
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByText('Signed.').waitFor()
  const { code, stdout } = await serve.ended
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^approved go of \S+ as bob@example.com, signed/)])
  expect((await space.as('alice', ['resume', 'last', '--yes'])).code).toBe(0)
  const verified = await space.as('alice', ['verify', 'last'])
  expect([verified.code, verified.stdout]).toEqual([
    0,
    expect.stringMatching(/bob@example\.com: verified, passkey at http:\/\/localhost:\d+/),
  ])
  expect(recipeSays()).toMatch(
    /^VERIFIED, signed by alice@example\.com\napproved: step go, by bob@example\.com/,
  )
  const gate = [
    'require',
    'x',
    '--humans',
    '1',
    '--presence',
    'verified',
    '--allowed-signers',
    'allowed_signers',
  ]
  expect((await space.as('carol', gate)).code).toBe(0)
  expect((await space.as('alice', ['log', 'last'])).stdout).toContain('present (verified)')
})

test('the page of a decision that is made, or that is left, answers nothing more', async () => {
  await using serve = await deciding()
  await device.touch(false)
  await page.goto(serve.address)
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByText('Touch your security key').waitFor()
  serve.interrupt()
  const { code, stdout } = await serve.ended
  expect([code, stdout]).toEqual([5, ''])
  await expect(fetch(serve.address)).rejects.toThrow()
  await device.touch(true)
  expect((await space.as('alice', ['resume', 'last', '--yes'])).code).toBe(5)
  await space.as('alice', ['abandon', 'last', '--reason', 'left'])
})

test('a journal that goes on while the page is open takes the decision still', async () => {
  await using serve = await deciding()
  await page.goto(serve.address)
  expect((await space.as('alice', ['resume', 'last', '--yes'])).code).toBe(5)
  await page.getByLabel('Reason').fill('not today')
  await page.getByRole('button', { name: 'Reject' }).click()
  await page.getByText('Signed.').waitFor()
  expect((await serve.ended).code).toBe(0)
  const resumed = await space.as('alice', ['resume', 'last', '--yes'])
  expect([resumed.code, resumed.stderr]).toEqual([4, expect.stringContaining('not today')])
})

test('without a passkey on the list the page is not served', async () => {
  expect((await space.as('alice', ['exec', 'x', '--yes'])).code).toBe(5)
  const file = join(space.root, 'allowed_signers')
  const whole = readFileSync(file, 'utf8')
  // A passkey of another host, and none at all.
  for (const list of [whole.replace('webauthn:', 'other:'), whole.replace(/.*sk-ecdsa.*\n/, '')]) {
    writeFileSync(file, list)
    const refused = await space.runbook(['approve', 'last', 'go', '--browser'], bob)
    expect([refused.code, refused.stderr]).toEqual([
      4,
      expect.stringContaining('no passkey of bob@example.com'),
    ])
  }
  writeFileSync(file, whole)
})

test('a second person closes a run by passkey where presence is required, and no other closing is taken', async () => {
  space.write(
    'content/runbooks/closed.mdx',
    runbookOf(
      commandStep('look', 'echo all is well', 'effect="read"'),
      'close: second-person\npresence: verified\n',
    ),
  )
  expect((await space.as('alice', ['exec', 'closed', '--yes'])).code).toBe(0)
  const open = await space.as('alice', ['verify', 'last'])
  expect([open.code, open.stdout]).toEqual([1, expect.stringContaining('nobody has')])
  await using serve = await serving(space.root, ['close', 'last', '--browser'], bob)
  await page.goto(serve.address)
  expect(await page.locator('#shown').textContent()).toContain('look  Step look')
  const forged = await page.evaluate(async () => {
    const response = await fetch(location.href, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        text: '{}\n',
        credential: 'x',
        assertion: { authenticatorData: '', clientDataJSON: '', signature: '' },
      }),
    })
    return [response.status, await response.text()]
  })
  expect(forged).toEqual([422, 'The passkey is not listed for bob@example.com\n'])
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByText('Signed.').waitFor()
  const { code, stdout } = await serve.ended
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^closed \S+ as bob@example.com, signed/)])
  const verified = await space.as('alice', ['verify', 'last'])
  expect([verified.code, verified.stdout]).toEqual([
    0,
    expect.stringMatching(/bob@example\.com: verified, passkey at http:\/\/localhost:\d+/),
  ])
  expect(recipeSays()).toMatch(/^VERIFIED, signed by alice@example\.com\nclosed: by bob@example\.com/)
})
