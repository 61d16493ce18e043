import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandStep, page, workspace } from './workspace.ts'
import type { Ran, Workspace } from './workspace.ts'

type Person = 'alice' | 'bob' | 'carol' | 'eve'

export interface SignedSpace extends Workspace {
  /** Calls the program as somebody, with their key. */
  as(person: Person, args: readonly string[], env?: Record<string, string>): Promise<Ran>
  /** A run of `release` with bob's approval, to its end; its id. `more` are further flags. */
  release(version?: string, ...more: string[]): Promise<string>
  state: string
}

export const releaseSteps =
  commandStep('build', 'echo "built $version"') +
  '<Approval id="go" title="Go or no-go" approvers="bob@example.com">\nRead it.\n</Approval>\n\n' +
  commandStep('ship', 'echo shipped')

/** A workspace with real keys: alice runs, bob approves, carol closes, eve is not in the list. */
export function signedSpace(frontmatter = ''): SignedSpace {
  const inputs = 'inputs:\n  version: { type: semver, default: 1.4.0 }\n'
  const space = workspace({ 'content/runbooks/release.mdx': page(releaseSteps, inputs + frontmatter) })
  for (const person of ['alice', 'bob', 'carol', 'eve'])
    execFileSync('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      person,
      '-f',
      join(space.root, person),
    ])
  const line = (person: string, spaces: string): string =>
    `${person}@example.com namespaces="${spaces}" ${readFileSync(join(space.root, `${person}.pub`), 'utf8')}`
  const approver = 'runbook-approval@v1'
  const alice = line('alice', 'runbook-head@v1,runbook-attestation@v1')
  space.write('allowed_signers', alice + line('bob', approver) + line('carol', approver))
  return withPeople(space)
}

function withPeople(space: Workspace): SignedSpace {
  const as: SignedSpace['as'] = (person, args, env = {}) =>
    space.runbook(args, { RUNBOOK_ACTOR: `${person}@example.com`, RUNBOOK_SIGNING_KEY: person, ...env })
  return {
    ...space,
    as,
    state: join(space.root, '.runbook'),
    async release(version = '1.4.0', ...more) {
      const started = await as('alice', ['exec', 'release', '-i', `version=${version}`, '--yes', ...more])
      const approved = await as('bob', ['approve', 'last', 'go', '--yes'])
      const ended = await as('alice', ['resume', 'last', '--yes'])
      if (started.code !== 5 || approved.code !== 0 || ended.code !== 0)
        throw new Error(started.stderr + approved.stderr + ended.stderr)
      const [run] = JSON.parse((await as('alice', ['runs', '--json'])).stdout) as { run: string }[]
      return run?.run ?? ''
    },
  }
}

let released: Promise<{ folder: string; run: string }> | undefined

/** A workspace of {@link signedSpace} after `release()`, and the id of the run. It is made once, and each has a copy. */
export async function releasedSpace(): Promise<SignedSpace & { run: string }> {
  released ??= makeReleased()
  const { folder, run } = await released
  const space = workspace({})
  cpSync(folder, space.root, { recursive: true })
  return { ...withPeople(space), run }
}

async function makeReleased(): Promise<{ folder: string; run: string }> {
  using space = signedSpace()
  const run = await space.release()
  // In the folder of the whole run, since that of a file of tests goes with it.
  const folder = mkdtempSync(join(process.env['RUNBOOK_TESTS'] ?? tmpdir(), 'released-'))
  cpSync(space.root, folder, { recursive: true })
  return { folder, run }
}
