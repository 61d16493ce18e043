import type { Config } from '../../config.ts'
import type { Io } from '../../kit/io.ts'
import type { execModes } from './index.ts'

/** Where agents are served: the workspace, and what whoever started the server allows. */
export interface Desk {
  config: Config
  /** Prints nothing: standard output is the protocol's. */
  io: Io
  /** Undefined: read only. */
  mode: (typeof execModes)[number] | undefined
  /** The runbooks that may be run; empty for all. */
  runbooks: readonly string[]
  /** One of the two keys of a writing step. */
  allowWrite: boolean
  /** Whether the agent learns of a runbook and its runs. */
  sees(slug: string): boolean
  /** The name under which its runs are recorded, where the server knows it; undefined: as the client calls itself. */
  client: string | undefined
  /** Address of the site, with a final slash; undefined where there is none. */
  pages: string | undefined
}

/** Who asks, by their own word. */
export interface Caller {
  client: string
  /** The trace of the request. */
  traceparent: string | undefined
}

/** Keeps the text that a body prints; no person is there to be asked. */
export function silentIo(io: Io): { io: Io; printed(): string } {
  const lines: string[] = []
  const keep = (text: string): void => void lines.push(text)
  return {
    io: {
      ...io,
      json: false,
      quiet: false,
      interactive: false,
      out: keep,
      note: keep,
      say: keep,
      write: keep,
      style: (_, text) => text,
    },
    printed: () => lines.join('\n'),
  }
}
