import { defineCommand, defineProgram, optional, withDefault } from '../runner/kit/command.ts'
import type { CommandReport } from '../runner/kit/command.ts'
import { filePath, httpUrl, string } from '../runner/kit/types.ts'
import { runProgram } from '../runner/kit/program.ts'
import { scratchFolder } from '../runner/scratch-folder.ts'
import { commitOf } from './domain/product.ts'
import { CliError } from '../runner/kit/error.ts'
import { exit } from '../runner/kit/exit.ts'
import { readChangesets } from './programs/versions/changesets.ts'
import { type Published, packAll, publish } from './programs/publish/packages.ts'
import { withExport } from './programs/release/export-commit.ts'

const packages = defineCommand({
  name: 'packages',
  summary:
    'Publish the packages of a commit that the registry does not have, and read each back. A second call publishes what is missing.',
  args: {},
  options: {
    repository: withDefault(
      filePath('folder'),
      '.',
      'The git repository: a package, or a workspace of packages.',
    ),
    ref: withDefault(string('ref'), 'HEAD', 'Commit, tag or branch to publish.'),
    pre: optional(
      string('word'),
      'Publish pre-releases of this word, such as rc. Needed in the mode of pre-releases of changesets.',
    ),
    registry: optional(httpUrl, 'Default: what npm is configured with, which also has the account.'),
  },
  effect: 'write',
  examples: ['runbook publish --repository shop --ref v1.4.0 --dry-run'],
  async run({ options, dryRun }): Promise<CommandReport> {
    const { repository, ref } = options
    const commit = await commitOf(repository, ref)
    await refuseMode(repository, commit, options.pre)
    const registry = options.registry === undefined ? [] : ['--registry', options.registry]
    using archives = scratchFolder('packages')
    return await withExport(repository, commit, async (folder) =>
      report(
        commit,
        packAll(folder, archives.path).map((one) => publish(one, registry, dryRun)),
      ),
    )
  },
})

/**
 * In the mode of pre-releases a person says that pre-releases are meant.
 * @throws {CliError} when the call and the commit disagree
 */
async function refuseMode(repository: string, commit: string, asked: string | undefined): Promise<void> {
  const { pre } = await readChangesets(repository, commit)
  if (pre === asked) return
  throw new CliError(
    exit.failed,
    `The commit is ${pre === undefined ? 'not in a mode of pre-releases' : `in the mode of pre-releases ${pre}`}${asked === undefined ? '' : `, and the call asks for ${asked}`}; nothing was published`,
    pre === undefined
      ? 'Leave out --pre, or enter the mode: changeset pre enter.'
      : `Publish pre-releases with --pre ${pre}, or leave the mode: changeset pre exit.`,
  )
}

function report(commit: string, published: readonly Published[]): CommandReport {
  const failed = published.filter(({ status }) => status === 'failed')
  const marks = { done: '+', already: '=', planned: '$', failed: '✕' }
  const lines = published.map(
    ({ name, version, status, detail }) => `${marks[status]} ${name}@${version}  ${detail}\n`,
  )
  return {
    document: { ok: failed.length === 0, commit, packages: published },
    text: published.length === 0 ? 'every package is private: nothing to publish\n' : lines.join(''),
    exitCode: failed.length === 0 ? 0 : 1,
    hint: 'Correct the reason, then run this again: it publishes what is missing.',
  }
}

export const program = defineProgram({
  name: 'runbook publish',
  summary: 'Publish the packages of a product.',
  commands: [packages],
  fallback: 'packages',
})

if (import.meta.main) await runProgram(program)
