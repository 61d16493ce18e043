import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { withExport } from './export-commit.ts'

/**
 * Runs the tests of a product in a clean export of a commit, after installing the packages its lock file names.
 * @returns the commands that passed @throws {CliError} when one fails
 */
export async function testCommit(repository: string, commit: string): Promise<string> {
  return await withExport(repository, commit, (folder) => {
    const locked = existsSync(join(folder, 'package-lock.json'))
    const commands = [...(locked ? [['ci', '--no-audit', '--no-fund']] : []), ['test']]
    for (const args of commands) {
      const ran = spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 2, 2] })
      if (ran.status !== 0)
        throw new CliError(
          exit.failed,
          `\`npm ${args[0]}\` failed in a clean export of ${commit}: it ended with ${ran.status ?? ran.signal ?? ran.error?.message}`,
          'Make it pass, commit that, and have the new commit checked.',
        )
    }
    return Promise.resolve(commands.map(([name]) => `npm ${name}`).join(' and '))
  })
}
