import type { Config } from '../../config.ts'
import type { Io } from '../../kit/io.ts'
import type { Outcome } from '../../model/problem.ts'
import type { execModes } from './index.ts'
import type { RunTask } from './run-task.ts'

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
  /** Orders to the runners of a team, where those drive the runs; undefined where this machine does. */
  orders?: AgentOrders | undefined
}

/** The acts of an agent on runs that the runners of a team drive. */
export interface AgentOrders {
  /** Asks for a run, which a person signs. */
  ask(wanted: {
    slug: string
    inputs: Readonly<Record<string, string>>
    run: string
    /** Of the plan that the agent read. */
    digest: string
  }): Promise<Outcome<undefined>>
  /** How a run that has no journal yet stands; undefined for one that this agent did not ask for. */
  standing(run: string): Promise<OrderStanding | undefined>
  /** Removes a request that is not signed yet; whether there was one. */
  withdraw(run: string): Promise<boolean>
  /** Brings what was left for a run to its runner. */
  carry(run: string): Promise<void>
}

interface OrderStanding extends Pick<RunTask, 'status' | 'forPerson'> {
  words: string
  /** RFC 3339. */
  since: string
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
