/** A process that cannot be confused with a later one of the same number. */
export interface ProcessIdentity {
  pid: number
  /** When it started, in a form that only ever is compared. */
  start: string
}

export interface Survivor extends ProcessIdentity {
  group: number
  command: string
  /** The attempt its environment names, such as `tag/1`. */
  attempt: string
}

/** All that differs between the systems that steps run on. */
export interface System {
  /** When a process started, or undefined when there is none of that number. */
  startOf(pid: number): string | undefined
  /** Whether a process of that number would not be shown: /proc may hide those of another user namespace. */
  isHidden(pid: number): boolean
  /** The name of this start of this machine, the same in every process that can see the same processes. */
  bootId(): string
  /** How many processes of a group are left. */
  membersOf(group: number): number
  /** The processes whose environment names a run. */
  findByRun(run: string): Survivor[]
  /** A folder in memory for text that must not reach a disk; undefined where there is none. */
  memoryFolder(): string | undefined
}
