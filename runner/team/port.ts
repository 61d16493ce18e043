import type { Actor } from '../model/plan.ts'
import type { JsonObject } from '../model/values/json.ts'

/** Members of an order and of an order over many targets: which document is run, by whom it is wanted, and when. */
interface Terms extends JsonObject {
  v: 1
  slug: string
  /** SHA-256 of the runbook; a runner plans from its own checkout, and only from these bytes. */
  documentSha256: string
  /** The same of the runbooks it includes, and those that they include, by address. */
  includes: Record<string, string>
  /** The runner that is to take it; empty for any. */
  wants: string
  /** RFC 3339; empty for at once. */
  notBefore: string
  /** RFC 3339: no runner takes it after that. */
  expires: string
  /** RFC 3339: when it was made. */
  at: string
  nonce: string
  /** Who wants it: the actor of the run. */
  by: Actor
  /** Where the run begins; empty for its first step. */
  from: string
  practice: boolean
}

/** The wish for a run, before it is signed. Its canonical JSON is what is signed and what a runner compares. */
export interface Order extends Terms, OnPage {
  /** The id that the run will have: one order is left once. */
  run: string
  /** SHA-256 of the plan that the person saw; absent where they saw none. */
  planSha256?: string
  inputs: Record<string, string>
  /** The concurrency key. */
  key: string
  /** The alert that asked for it; empty for none. */
  alert: { fingerprint?: string; name?: string; startsAt?: string }
  /** The schedule that asked for it, and the moment; absent for none. */
  schedule?: { name: string; moment: string; sha256: string }
  /** The order over many targets that it is a part of. Its signature is the one that counts. */
  fleet?: { id: string; target: string; wave: number }
}

export interface SignedOrder {
  order: Order
  /** The canonical JSON of the order, with a newline. */
  statement: string
  /** SSH signature of the statement, namespace `runbook-order`. */
  signature: string
}

/** Members of a statement that a page had signed. */
export interface OnPage {
  /** SHA-256 of the text that was shown. */
  shownSha256?: string
  /** RFC 3339: when it was signed. */
  ts?: string
}

/** A person's statement that a run goes on elsewhere; signed in namespace `runbook-takeover`. */
export interface Takeover extends JsonObject, OnPage {
  v: 1
  run: string
  /** The epoch that it ends. */
  epoch: number
  was: string
  runner: string
  force: boolean
  reason: string
  by: Actor
  at: string
}

/** A statement and its signature. */
export interface SignedAct {
  statement: string
  signature: string
}

export interface FleetTarget extends JsonObject {
  /** The name of the target, such as of a server. */
  name: string
  /** The id that its run will have. */
  run: string
  /** The concurrency key of its run. */
  key: string
  inputs: Record<string, string>
}

/**
 * The wish for a run on each of many targets, in waves. One signature covers all of it, and the order of each target follows
 * from it.
 */
export interface Fleet extends Terms {
  fleet: string
  /** Targets in the order of the waves. */
  targets: FleetTarget[]
  /** The number of targets of each wave. */
  waves: number[]
  /** Nothing starts any more once so many targets failed. */
  budget: number
  /** Most runs at once; 0 for no limit of its own. */
  parallel: number
  /** Time between the end of a wave and the beginning of the next, in milliseconds. */
  pause: number
  /** Roles or people: one of them approves each wave after the first. Empty for none. */
  approvers: string[]
}

/** A person's decision about such an order. */
export interface FleetAct extends JsonObject {
  v: 1
  fleet: string
  act: 'approve' | 'stop' | 'resume' | 'undo'
  /** `approve`: the wave that may begin. 0 otherwise. */
  wave: number
  /** `resume`: the failures that are accepted; the budget counts those after them. 0 otherwise. */
  failed: number
  /** `undo`: the runs that are rolled back; empty for each that was begun. */
  runs: string[]
  reason: string
  by: Actor
  at: string
  nonce: string
}

export interface SignedFleet extends SignedAct {
  fleet: Fleet
}

/** `strict`: nothing starts before its line is stored. `later`: steps go on while the database is away. */
export type Ships = 'strict' | 'later'

/** A run that this runner owns. */
export interface Owned {
  run: string
  epoch: number
  /** As it was signed; empty for a run that was started by hand. */
  statement: string
  signature: string
  ships: Ships
  /** Lines that are stored, and the hash of the last of them. */
  size: number
  head: string
  /** Time before anything may start, in milliseconds: the last owner may have had a permission. */
  waitMs: number
}

/** A run as lists show it. */
export interface TeamRun {
  run: string
  slug: string
  key: string
  state: 'queued' | 'owned' | 'ended' | 'expired'
  runner: string | null
  wants: string
  epoch: number
  ships: Ships
  size: number
  head: string
  /** As its owner tells it; empty before it begins. */
  status: string
  /** Topic of the question it waits for; empty when it does not wait. */
  waiting: string
  /** The run that includes it. */
  parent: string | null
  statement: string
  signature: string
  declined: Record<string, string>
  notBefore: Date | null
  expiresAt: Date | null
  orderedAt: Date
  ownedAt: Date | null
  endedAt: Date | null
}

/** The part of a run that says how a target of an order over many stands. */
export type TargetRun = Pick<
  TeamRun,
  'run' | 'state' | 'status' | 'waiting' | 'runner' | 'size' | 'endedAt' | 'declined'
>

/** An order over many targets as it is stored: `standing` derives how it stands. */
export interface TeamFleet extends SignedAct {
  fleet: string
  slug: string
  runs: TargetRun[]
  /** The decisions about it, in the order in which they came. */
  acts: SignedAct[]
  /** The time of the database. */
  now: Date
}

export interface TeamRunner {
  name: string
  host: string
  commit: string
  version: string
  runs: number
  seenAt: Date
  /** Whether it was seen in the last minute, by the clock of the database. */
  alive: boolean
  /** Runs it owns. */
  owns: number
}

/** Figures of the team, counted in the database. */
export interface TeamFigures {
  /** Runs by where they are and what their owner says. */
  runs: { state: TeamRun['state']; status: string; count: number }[]
  /** How long the oldest order that may be taken waits, in seconds; 0 where none waits. */
  queueSeconds: number
  /** Runs that wait for a person. */
  waiting: number
  /** Runs whose runner was not seen in the last minute. */
  orphans: number
  /** Answers that no runner has taken. */
  answers: number
}

export interface TeamAnswer {
  id: string
  run: string
  topic: string
  /** JSON. */
  answer: string
  at: Date
  takenAt: Date | null
  /** Why it did not count; null while it is not read or when it did. */
  refused: string | null
}

interface StoredFile {
  file: string
  sha256: string
  bytes: number
}

/** An answer that waits for its runner. */
export interface Called extends Pick<TeamAnswer, 'id' | 'run'> {
  /** Whether it is a request that the run goes on. */
  isToGoOn: boolean
  /** Whether the run has ended. */
  isOver: boolean
}

/** A run that is started or resumed without an order. */
interface HandRun {
  run: string
  slug: string
  key: string
  ships: Ships
  /** The run that includes it. */
  parent: string | undefined
}

/** Who holds a key of the team. */
export interface TeamHolder {
  run: string
  runner: string
  ownedAt: Date
  alive: boolean
}

/** The part of anybody with a role: reading, and leaving orders, answers and takeovers. */
export interface TeamDesk {
  /** False when there is an order of that run. */
  enqueue(order: SignedOrder): Promise<boolean>
  /** Takes an order back; false when a runner has taken it, when it is over, or when it is one of many targets. */
  withdraw(run: string): Promise<boolean>
  answer(id: string, run: string, topic: string, answer: JsonObject): Promise<void>
  /** The epoch of the new owner. */
  takeOver(takeover: Takeover, act: SignedAct): Promise<number>
  /** Runs, the newest first. `alone` leaves out those of an order over many targets, `begun` those without a line. */
  runs(filter?: {
    run?: string
    parent?: string
    state?: TeamRun['state']
    alone?: boolean
    begun?: boolean
    /** Those with one of these keys. */
    keys?: readonly string[]
    limit?: number
    /** Those, too, whose lines were removed past their retention. */
    removed?: boolean
  }): Promise<TeamRun[]>
  /** False when there is an order over targets of that id. */
  enqueueFleet(fleet: SignedFleet): Promise<boolean>
  /** Orders over many targets, the newest first: `named` by their ends, `open` those with a run that is not over. */
  fleets(filter?: { fleet?: string; named?: string; open?: boolean; limit?: number }): Promise<TeamFleet[]>
  /** Leaves a decision about one. */
  decideFleet(act: FleetAct, signed: SignedAct): Promise<void>
  runners(): Promise<TeamRunner[]>
  figures(): Promise<TeamFigures>
  /** Lines of a journal from a place, each with its newline. */
  events(run: string, from?: number): Promise<string[]>
  /** The newest version of each file. */
  files(run: string): Promise<StoredFile[]>
  file(sha256: string): Promise<Buffer>
  answers(run: string, open?: boolean): Promise<TeamAnswer[]>
  takeovers(run: string): Promise<(SignedAct & { epoch: number })[]>
  holder(key: string): Promise<TeamHolder | undefined>
  /** Removes the lines, files and answers of a run, which the caller has archived: its count of lines and their head. */
  removeRun(run: string, size: number, head: string): Promise<void>
  /** Since when a text of a schedule counts, and the time of the database. */
  seeSchedule(name: string, sha256: string): Promise<{ since: Date; now: Date }>
  /** Lets the runners go on after a restore; false when none waits for that. */
  acceptRestore(reason: string): Promise<boolean>
  /**
   * Calls back for each notice: `order`, `order <runner>`, `run <id>`, `answer <id>`, `takeover <id>`; and with '' after it
   * was away. Without `runs` those of lines that were stored are left out: there are as many as there are events.
   */
  listen(onNotice: (notice: string) => void, stop: AbortSignal, runs?: boolean): void
  close(): Promise<void>
}

/** The part of a runner. Each call may throw Lost, Forked or Away; a refusal by a restored database is Restored, and never Lost. */
export interface TeamPort extends TeamDesk {
  /** The name of this runner: that of its role. */
  name(): Promise<string>
  /** Takes the name for this process; throws NameTaken while another state folder has it. */
  begin(as: { commit: string; version: string; runs: number }): Promise<string>
  /** Says that it lives. Throws Restored while the database is older than a runner saw it, or than this process, and Lost. */
  seen(): Promise<void>
  end(): Promise<void>
  /** Says that it lives, too. */
  claim(slugs: readonly string[], ships: Ships): Promise<Owned | undefined>
  /** Undefined when another run holds the key. */
  claimByHand(run: HandRun): Promise<Owned | undefined>
  owned(): Promise<Owned[]>
  /** Answers that were not read, for runs of this runner: of those that have ended, the requests to go on. */
  called(): Promise<Called[]>
  /** Takes such a run up again; undefined while another run holds its key. */
  openAgain(run: string): Promise<Owned | undefined>
  decline(run: string, epoch: number, why: string): Promise<void>
  /** The count of stored lines. */
  ship(run: string, epoch: number, first: number, lines: readonly string[], told: Told): Promise<number>
  putFile(run: string, epoch: number, file: string, bytes: Buffer): Promise<void>
  permit(run: string, epoch: number, ms: number): Promise<void>
  finish(run: string, epoch: number): Promise<void>
  /** The next run of this runner that a decision about its fleet wants rolled back. */
  nextUndo(except: readonly string[]): Promise<{ run: string; fleet: string } | undefined>
  /** Makes it the runner's own again; false while its key is held. */
  reopen(run: string): Promise<boolean>
  takeAnswer(run: string, epoch: number, id: string, refused: string | undefined): Promise<void>
}

/** The summary of a run for lists. */
export interface Told {
  status: string
  waiting: string
}
