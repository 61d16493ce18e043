import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startPostgres } from './lab/postgres.ts'
import { makeFolder } from '../runner/make-folder.ts'

/**
 * Shows team mode: PostgreSQL in a folder of its own on loopback, two runners, an order, and an approval by a second
 * person. All of it is gone at the end.
 */
const program = join(import.meta.dirname, '../runner/main.mjs')
const runners = ['prod-eu-1', 'prod-eu-2']
const people = ['alice@example.com', 'bob@example.com']

const document = `---
title: Release the storefront
concurrency: storefront
inputs:
  version: { type: semver, description: The version that goes out. }
---

## Release

<Command id="build" title="Build the artifact" effect="read">

\`\`\`bash
echo "storefront-$version.tar.gz on $RUNBOOK_STATE"
\`\`\`

</Command>

<Approval id="go" title="Release it?" approvers="${people.join(', ')}" />

<Command id="release" title="Switch the traffic" effect="write">

\`\`\`bash
echo "traffic goes to $version, epoch $RUNBOOK_EPOCH"
\`\`\`

</Command>
`

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const root = mkdtempSync(join(tmpdir(), 'runbook-team-demo-'))
const key = (id: string): string => join(root, `${id}.key`)
const started: ChildProcess[] = []

say('Starting PostgreSQL in a folder of its own, on loopback.')
const database = await startPostgres(runners)
try {
  await show()
} finally {
  for (const child of started) child.kill('SIGKILL')
  await database.stop()
  rmSync(root, { recursive: true, force: true, maxRetries: 5 })
  say('All of it is stopped and removed.')
}

function workspace(): void {
  const ids = [...people, ...runners.map((name) => `${name}@runners`)]
  const listed = ids.map((id) => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', id, '-f', key(id)])
    return `${id} ${readFileSync(`${key(id)}.pub`, 'utf8').trim()}\n`
  })
  makeFolder(join(root, 'content/runbooks'), 0o777)
  writeFileSync(join(root, 'allowed_signers'), listed.join(''))
  writeFileSync(join(root, 'runbook.config.ts'), "export default { team: { database: 'env:DATABASE' } }\n")
  writeFileSync(join(root, 'content/runbooks/release.mdx'), document)
}

function environment(id: string, role: string, state: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    DATABASE: database.url(role),
    RUNBOOK_ACTOR: id,
    RUNBOOK_SIGNING_KEY: key(id),
    RUNBOOK_STATE: join(root, 'machines', state),
  }
}

/** Calls the program as a person, who has no copy of any run. */
function call(id: string, ...args: string[]): string {
  say(`\n$ runbook ${args.join(' ')}    # ${id}`)
  const printed = execFileSync(process.execPath, [program, ...args], {
    cwd: root,
    env: environment(id, 'person', 'none'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  say(printed.trimEnd())
  return printed
}

async function show(): Promise<void> {
  workspace()
  say(`Starting the runners ${runners.join(' and ')}, each with a role and a state folder of its own.`)
  for (const name of runners)
    started.push(
      spawn(process.execPath, [program, 'runner', '--quiet'], {
        cwd: root,
        env: environment(`${name}@runners`, `runbook_runner_${name}`, name),
        stdio: ['ignore', 'ignore', 'ignore'],
      }),
    )
  const [alice = '', bob = ''] = people
  const ordered = call(alice, 'order', 'release', '-i', 'version=1.4.0', '--json')
  const { run } = JSON.parse(ordered) as { run: string }
  while ((await waiting(run)) === '') await sleep(200)
  call(alice, 'orders')
  call(bob, 'approve', run, 'go', '--team', '--yes')
  while ((await stateOf(run)) !== 'ended') await sleep(200)
  call(bob, 'log', run, '--team')
  call(bob, 'verify', run, '--team')
}

async function waiting(run: string): Promise<string> {
  const [row] = await database.query<{ waiting: string }>('select waiting from runbook.run where run = $1', [
    run,
  ])
  return row?.waiting ?? ''
}

async function stateOf(run: string): Promise<string> {
  const [row] = await database.query<{ state: string }>('select state from runbook.run where run = $1', [run])
  return row?.state ?? ''
}
