import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { mayStillDecide } from '../../engine/people/approval.ts'
import { requestText } from '../../engine/people/request-file.ts'
import type { Request } from './index.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import type { CommandReport } from '../../kit/command.ts'
import { subjectOf } from '../approve/subject.ts'
import { openWorkspace } from '../shared/workspace.ts'
import { replaceFile } from '../../write-whole.ts'

/** Writes a request to a file. It holds journal, plan and document, and so no secret and no output of a step. */
export async function run({ io, args, options, dryRun }: Request): Promise<CommandReport> {
  const config = await openWorkspace(io)
  using subject = await subjectOf(args, config, io)
  const { plan, events, topics, step, state } = subject
  const output = options.output ?? `${step}.request`
  const file = resolve(io.cwd, output)
  if (existsSync(file))
    throw new CliError(exit.usage, `The file \`${output}\` is there already`, 'Name another with --output.')
  const may = mayStillDecide(plan, events, topics[0] ?? '')
  if (!dryRun) replaceFile(file, requestText(subject, step), 0o600)
  const document = { run: state.run, step, file: output, mayDecide: may, ...(dryRun ? { dryRun } : {}) }
  const text = [
    `${dryRun ? 'would write ' : ''}${output}`,
    `  Hand it to one of: ${may.join(', ')}. In their own clone they call: ${io.program} approve ${output}`,
  ]
  return { document, text: text.join('\n') }
}
