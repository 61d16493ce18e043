import { alertCommands } from './alerts/commands.ts'
import type { Command, Option } from '../kit/command.ts'
import { authoringCommands } from './table/authoring.ts'
import { evidenceCommands } from './table/evidence.ts'
import { readingCommands } from './table/reading.ts'
import { runningCommands } from './table/running.ts'
import { siteCommands } from './table/site.ts'

/** What the commands are for, in the order help shows them. */
export const commandGroups: readonly (readonly [string, readonly Command[]])[] = [
  ['Look', readingCommands],
  ['Run', runningCommands],
  ['Prove', evidenceCommands],
  ['Write', authoringCommands],
  ['Alerts', alertCommands],
  ['Pages', siteCommands],
]

/** Every command there is. */
export const commands: readonly Command[] = commandGroups.flatMap(([, group]) => group)

/** Flags every command has. */
export const globalOptions: Record<string, Option> = {
  help: { type: 'boolean', short: 'h', summary: 'Show help.' },
  json: { type: 'boolean', summary: 'Print JSON: one document, or one event per line for exec and resume.' },
  quiet: { type: 'boolean', short: 'q', summary: 'Print results and errors only.' },
  'no-input': { type: 'boolean', summary: 'Never ask; stop with exit code 5 where a person is needed.' },
  'no-color': { type: 'boolean', summary: 'No colors (NO_COLOR works too).' },
}
