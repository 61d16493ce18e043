/** The states of a task of the protocol. */
export type TaskStatus = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled'

/** A run as a task: its id, how it stands, and what a person is asked. */
export interface RunTask {
  taskId: string
  status: TaskStatus
  /** Of the run, in words. */
  statusMessage: string
  createdAt: string
  lastUpdatedAt: string
  pollIntervalMs: number
  /** The act that is left to a person. It never carries the answer. */
  forPerson?: ForPerson
}

export interface ForPerson {
  /** In the words of the run. */
  question: string
  step: string
  mayDecide: string[]
  /** Address of the page of the run, where one is published or served. */
  address?: string
  /** The command that a person types. */
  command: string
}
