import type { Config, TeamConfig } from '../../config.ts'
import type { Io } from '../../kit/io.ts'
import type { Notices } from '../../team/notices.ts'
import type { Owned, TeamPort } from '../../team/port.ts'

/** One process that has the name of a runner. */
export interface Seat {
  config: Config
  team: TeamConfig
  io: Io
  port: TeamPort
  name: string
  notices: Notices
  /** Runs that are owned by this runner and not under way by hand: each has a place, from before it is driven. */
  claimed: Map<string, Owned>
  /** Runs that wait for a person to say how they go on, with the epoch in which they do. */
  parked: Map<string, number>
  /** Requests to go on, by id, for which a parked run was looked at again. */
  heeded: Set<string>
  /** Stops the process of each run that is driven, as Ctrl-C does. */
  stops: Map<string, () => void>
  say(words: string): void
}
