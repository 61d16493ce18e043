import { expect, test } from 'vitest'
import { execFileSync } from 'node:child_process'
import { binary, commandStep, page, workspace } from '../../support/workspace.ts'

/** Runs a command that the program printed, as a shell reads it. */
function typed(cwd: string, command: string): string {
  const script = `runbook() { '${process.execPath}' '${binary}' "$@"; }\n${command}`
  const env = { ...process.env, RUNBOOK_ACTOR: 'alice@example.com', RUNBOOK_CACHE: 'off' }
  return execFileSync('bash', ['-c', `${script} 2>&1`], { cwd, env, encoding: 'utf8' })
}

test('the commands a run prints at its end run as they are, once <file> is replaced', async () => {
  using space = workspace({
    'content/runbooks/x.mdx': page(
      commandStep('a', 'test -e go'),
      'inputs:\n  name: { type: string }\n  token: { type: secret }\n',
    ),
    token: 'correct-horse',
  })
  const ran = await space.runbook(['exec', 'x', '--yes', '-i', "name=it's two words", '-i', 'token=@token'])
  expect(ran.code).toBe(1)
  space.write('go', '')
  const resume = /Go on with: (runbook resume .*)/.exec(ran.stderr)?.[1] ?? ''
  expect(typed(space.root, `${resume.replace('<file>', 'token')} --yes`)).toContain('Done')
  const again = await space.runbook(['resume', 'last', '-i', 'token=@token'])
  expect(again.code).toBe(2)
  const exec = /`(runbook exec .*)`/.exec(again.stderr)?.[1] ?? ''
  expect(typed(space.root, `${exec.replace('<file>', 'token')} --yes`)).toMatch(/name += it's two words/)
})
