import { CliError } from '../../runner/kit/error.ts'
import { exit } from '../../runner/kit/exit.ts'
import { version } from '../../runner/kit/version.ts'
import { isSingleFile } from '../../runner/own-files.ts'

/** Refuses what starts further programs of the package. @throws {CliError} in the single file, which has none */
export function refuseInSingleFile(what: string): void {
  if (isSingleFile)
    throw new CliError(
      exit.failed,
      `${what} is in the package of npm alone`,
      `With Node: \`npx runbook@${version}\` and the same words.`,
    )
}
