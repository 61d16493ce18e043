import { styleText } from 'node:util'

export type Style = Parameters<typeof styleText>[0]

/** The edges of one call of the program. */
export interface Io {
  cwd: string
  env: Record<string, string | undefined>
  json: boolean
  quiet: boolean
  /** Whether a person can be asked: stdin and stderr are terminals, and --no-input was not given. */
  interactive: boolean
  /** Results. */
  out(text: string): void
  /** Everything else: progress, messages, diagnostics. */
  note(text: string): void
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
  const { stdin, stdout, stderr, env } = process
  // A reader that has gone away (a closed pager) is no reason to fail a run.
  for (const stream of [stdout, stderr]) stream.on('error', ignoreClosedPipe)
  return {
    cwd: process.cwd(),
    env,
    json: options.json,
    quiet: options.quiet,
    interactive: stdin.isTTY && stderr.isTTY && !options.noInput,
    out: (text) => void stdout.write(`${text}\n`),
    note: (text) => void (options.quiet || stderr.write(`${text}\n`)),
    write: (text) => void (options.quiet || stderr.write(text)),
    style: (style, text) => (options.noColor ? text : styleText(style, text, { stream: stderr })),
  }
}

/** A pipe that is closed, and a terminal that has gone away. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
}

/** Makes text from outside harmless on a terminal: control characters become visible. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
    },
  )
}
