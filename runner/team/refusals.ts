import { ProblemError } from '../model/problem.ts'
import type { Problem } from '../model/problem.ts'

/** The run has another owner, or another process of this runner has it: none of its steps may start here. */
export class Lost extends ProblemError {
  override name = 'Lost'
  constructor(words: string) {
    super({ message: `This process lets go: ${words}`, hint: 'See `runbook orders`.' })
  }
}

/** The database has another journal of the run than this disk. */
export class Forked extends ProblemError {
  override name = 'Forked'
  constructor(words: string) {
    super({
      message: `The journal here and the one in the database differ: ${words}`,
      hint: 'Compare them with `runbook verify --team`. A person decides which of them counts.',
    })
  }
}

/** The database has fewer lines than were stored before: it was restored from a backup. */
export class Behind extends ProblemError {
  override name = 'Behind'
  constructor(words: string) {
    super({ message: `The database is older than the run: ${words}`, hint: 'Its lines are shipped again.' })
  }
}

/** The database says of a run what this runner does not believe. */
export class Doubted extends ProblemError {
  override name = 'Doubted'
  constructor(words: string) {
    super({
      message: `The run is not driven here: ${words}`,
      hint: 'Compare its copies with `runbook verify <run> --team`. A person takes it over to the machine that is right.',
    })
  }
}

/** The database does not have the run: it was restored from a backup that is older. */
class Missing extends ProblemError {
  override name = 'Missing'
  constructor(words: string) {
    super({
      message: `The team's database does not have the run: ${words}`,
      hint: 'It was restored from an older backup. Hand the run in with `runbook team ship`.',
    })
  }
}

/** A process with another state folder has the name of this runner. */
class NameTaken extends ProblemError {
  override name = 'NameTaken'
  constructor(words: string) {
    super(
      {
        message: `Two machines use one role of a runner: ${words}`,
        hint: 'Give each its own: `runbook team migrate --runner <name>`. A machine that is gone is forgotten after a minute.',
      },
      2,
    )
  }
}

/** The database does not allow what was asked for. */
export class Refused extends ProblemError {
  override name = 'Refused'
  constructor(words: string, hint = 'See `runbook orders` and `runbook runners`.') {
    super({ message: `The database refuses it: ${words}`, hint }, 2)
  }
}

/**
 * The database has no schema, role or right for this program. No retry of a person helps, but it is so for a while, too, in
 * a database into which a dump is restored.
 */
export class Unready extends Refused {
  override name = 'Unready'
  constructor(words: string) {
    super(words, 'Check the role and the schema with `runbook team doctor`.')
  }
}

/** The database cannot be reached, or cannot work now: the same call may succeed later. */
export class Away extends ProblemError {
  override name = 'Away'
  constructor(
    words: string,
    problem: Problem = {
      message: `The team's database does not answer: ${words}`,
      hint: 'Check it with `runbook team doctor`, and try again.',
    },
  ) {
    super(problem)
  }
}

/** The database was restored from a backup, and no person has let the runners go on, or this process has not begun anew. */
export class Restored extends Away {
  override name = 'Restored'
  constructor() {
    super('', {
      message:
        "The team's database is older than what a runner saw of it: it was restored from a backup. No run is started or resumed",
      hint: 'Compare runs with `runbook verify <run> --team` on each machine, then call `runbook team restored --reason "…"`.',
    })
  }
}

/** SQLSTATEs of a database that is not set up for this. */
const setUp = /^(28|42501|42883|42P01|3F000|3D000)/

/**
 * What an error of the client means. Only a refusal by our own functions is a refusal: a lost connection is never taken
 * for one, nor a refusal for a lost connection.
 */
export function meaningOf(error: unknown): Error {
  if (error instanceof ProblemError) return error
  const { code = '', message = String(error) } = error as { code?: string; message?: string }
  switch (code) {
    case 'RB001':
      return new Lost(message)
    case 'RB002':
      return new Forked(message)
    case 'RB005':
      return new Behind(message)
    case 'RB003':
      return new NameTaken(message)
    case 'RB006':
      return new Missing(message)
    case 'RB004':
      return new Refused(message)
  }
  if (setUp.test(code)) return new Unready(message)
  return new Away(message === '' ? code || 'no words' : message)
}
