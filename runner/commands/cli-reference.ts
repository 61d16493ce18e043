import { programReference } from '../kit/reference/command-reference.ts'
import { runbook } from './index.ts'

/** The page of the command line, made from the declarations of the commands alone. */
export function cliReference(): string {
  return [
    '---\ntitle: Command line\ndescription: Every command, flag and exit code.\norder: 205\n---',
    'Results go to standard output, everything else to standard error. An unknown command or flag is refused with a suggestion, and nothing runs.',
    `${programReference(runbook)}\n`,
  ].join('\n\n')
}
