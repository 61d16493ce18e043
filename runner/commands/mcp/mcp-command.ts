import { finished } from 'node:stream/promises'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { listEntries } from '../../library.ts'
import { CliError } from '../../kit/error.ts'
import { exit } from '../../kit/exit.ts'
import { untilEnded } from '../../kit/until-ended.ts'
import { counted } from '../../model/counted.ts'
import { openWorkspace, unknownRunbook } from '../shared/workspace.ts'
import { AnsweringTransport } from './answering-transport.ts'
import type { Desk } from './desk.ts'
import { silentIo } from './desk.ts'
import type { Request } from './index.ts'
import { makeServer } from './server.ts'

/** Serves one agent until it closes standard input, or a signal ends the server. */
export async function run({ io, options }: Request): Promise<number> {
  const config = await openWorkspace(io)
  const { allowExec: mode, allowWrite, runbooks } = options
  if (mode === undefined && (allowWrite || runbooks.length > 0))
    throw new CliError(
      exit.usage,
      'Neither `--allow-write` nor `--runbooks` means anything without --allow-exec',
      'Add --allow-exec dry-run, practice or real.',
    )
  const slugs = listEntries(config.content).map(({ slug }) => slug)
  const stray = runbooks.find((name) => !slugs.includes(name))
  if (stray !== undefined) throw unknownRunbook(config, stray, io)
  const pages = options.pages ?? config.site
  const desk: Desk = {
    config,
    io: silentIo(io).io,
    mode,
    runbooks,
    sees: () => true,
    client: undefined,
    allowWrite,
    pages: pages === undefined ? undefined : pages.replace(/\/*$/, '/'),
  }
  const says = mode === undefined ? 'reads only' : `runs as ${mode}`
  io.note(`An agent is served on standard input and output; it ${says}.`)
  return await untilEnded(io, async () => {
    const transport = new AnsweringTransport(process.stdin)
    // A file as input ends without being closed, and a broken pipe closes without an end.
    const ended = finished(transport.input).catch(() => undefined)
    const server = serveStdio(() => makeServer(desk), { transport })
    const broken = (): string | undefined => {
      const count = transport.unanswered
      return count === 0 ? undefined : `${counted(count, 'request')} of the agent left without an answer.`
    }
    return { ended, broken, close: () => server.close() }
  })
}
