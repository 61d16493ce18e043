import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'

type Name = 'user.email' | 'gpg.format' | 'user.signingkey'
type Env = Record<string, string | undefined>

const configs = new Map<string, ReadonlyMap<string, string>>()
const args = ['config', '--get-regexp', String.raw`^(user\.email|gpg\.format|user\.signingkey)$`]

/** The identity in git's configuration. It is read once for a folder, because each read starts a process. */
export function gitConfig(name: Name, cwd: string, env: Env): string | undefined {
  const values = configs.get(cwd) ?? parse(spawnSync('git', args, { cwd, encoding: 'utf8', env }).stdout)
  configs.set(cwd, values)
  return values.get(name)
}

/** Reads it ahead, while other things are done; resolves once it is known. Never rejects. */
export function prepareGitConfig(cwd: string, env: Env): Promise<void> {
  const git: ChildProcess = spawn('git', args, { cwd, env, stdio: ['ignore', 'pipe', 'ignore'] })
  let printed = ''
  // Where no more files can be opened, there is no output.
  git.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text))
  return new Promise((resolve) => {
    const end = (): void => {
      configs.set(cwd, parse(printed))
      resolve()
    }
    git.once('error', end).once('close', end)
  })
}

function parse(stdout: string | null): ReadonlyMap<string, string> {
  return new Map(
    (stdout ?? '').split('\n').map((line): [string, string] => {
      const space = line.indexOf(' ')
      return [line.slice(0, space).toLowerCase(), line.slice(space + 1)]
    }),
  )
}
