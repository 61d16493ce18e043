import { spawnSync } from 'node:child_process'

type Name = 'user.email' | 'gpg.format' | 'user.signingkey'

const known = new Map<string, ReadonlyMap<string, string>>()

/** What git's configuration says of who somebody is. It is read once for a folder: a start of git is a start of a process. */
export function gitConfig(
  name: Name,
  cwd: string,
  env: Record<string, string | undefined>,
): string | undefined {
  const values = known.get(cwd) ?? readConfig(cwd, env)
  known.set(cwd, values)
  return values.get(name)
}

function readConfig(cwd: string, env: Record<string, string | undefined>): ReadonlyMap<string, string> {
  const pattern = String.raw`^(user\.email|gpg\.format|user\.signingkey)$`
  const { stdout } = spawnSync('git', ['config', '--get-regexp', pattern], { cwd, encoding: 'utf8', env })
  return new Map(
    (stdout ?? '').split('\n').map((line): [string, string] => {
      const space = line.indexOf(' ')
      return [line.slice(0, space).toLowerCase(), line.slice(space + 1)]
    }),
  )
}
