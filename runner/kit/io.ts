import { styleText } from 'node:util'

export { printable } from '../model/text/ansi.ts'

export type Style = Parameters<typeof styleText>[0]

/** The edges of one call of the program. */
export interface Io {
  cwd: string
  env: Record<string, string | undefined>
  /** The word that starts this program in a shell, so that a proposed command can be copied. */
  program: 'runbook' | 'npx runbook'
  json: boolean
  quiet: boolean
  /** Whether a person can be asked: stdin and stderr are terminals, and --no-input was not given. */
  interactive: boolean
  /** Results. */
  out(text: string): void
  /** Everything else: progress, messages, diagnostics. */
  note(text: string): void
  /** A line that a person must read, however quiet the call is. */
  say(text: string): void
  /** Unfinished text for a person's eyes, such as live output. */
  write(text: string): void
  style(style: Style, text: string): string
}

export interface IoOptions {
  json: boolean
  quiet: boolean
  noInput: boolean
  noColor: boolean
}

export function systemIo(options: IoOptions): Io {
  const { stdout, stderr, env } = process
  // Where the questions look, which color themselves.
  if (options.noColor) env['NO_COLOR'] = '1'
  // A line goes to either stream, and what is piped or kept in a file must be plain.
  const colors =
    !options.noColor && [stdout, stderr].every((stream) => styleText('red', 'x', { stream }) !== 'x')
  // A reader that has gone away (a closed pager) is not a reason to fail a run.
  for (const stream of [stdout, stderr]) stream.on('error', ignoreClosedPipe)
  return {
    cwd: process.cwd(),
    env,
    program: programName(env),
    json: options.json,
    quiet: options.quiet,
    // In this order: the stream of the input takes a while to make, and a call without a terminal needs none.
    interactive: stderr.isTTY && !options.noInput && process.stdin.isTTY,
    out: (text) => void stdout.write(`${text}\n`),
    note: (text) => void (options.quiet || stderr.write(`${text}\n`)),
    say: (text) => void stderr.write(`${text}\n`),
    write: (text) => void (options.quiet || stderr.write(text)),
    style: (style, text) => (colors ? styleText(style, text, { validateStream: false }) : text),
  }
}

/** Installed in a folder and started by npx, it is on no PATH. npm quotes the name it was given. */
function programName(env: Io['env']): Io['program'] {
  const byNpx =
    env['npm_lifecycle_event'] === 'npx' && /^["']?runbook["']?$/.test(env['npm_lifecycle_script'] ?? '')
  return byNpx ? 'npx runbook' : 'runbook'
}

/** Writes the commands a text proposes as they were called. */
export function asCalled(text: string, { program }: Io): string {
  return text.replaceAll('`runbook ', () => `\`${program} `)
}

/** A pipe that is closed, and a terminal that has gone away. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
}
