import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomically } from '../../lib/atomic.ts'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { codeOf } from '../../lib/errors.ts'
import { withFileLock } from '../../lib/file-lock.ts'
import { versionOf } from './flag-entry.ts'
import { changed, noFlag } from './flagd.ts'
import type { Change, FlagProvider, FlagState } from './flag-model.ts'

const LINE = /^(FEATURE_[A-Z0-9_]+)=(.*)$/
const ON = new Set(['true', '1', 'on', 'yes'])

/**
 * Flags as lines `FEATURE_NAME=true` of `<folder>/<environment>.env`: on or off for everybody. A running program reads
 * them when it starts, so ask it (`--probe`) before believing a change.
 */
export function envProvider(folder: string): FlagProvider {
  const where = (environment: string): string => join(folder, `${environment}.env`)
  const write = async (
    {
      key,
      environment,
      ifVersion,
      check,
    }: Pick<Change, 'key' | 'environment' | 'check'> & { ifVersion: string | undefined },
    value: string | undefined,
  ): Promise<FlagState> =>
    withFileLock(where(environment), async () => {
      const text = await textOf(where(environment))
      const states = statesOf(text, environment)
      const state = states.find((flag) => flag.key === key)
      const keys = states.map((flag) => flag.key)
      if (state === undefined) throw noFlag(key, environment, where(environment), keys)
      if (ifVersion !== undefined && state.version !== ifVersion) throw changed(key, ifVersion, state.version)
      check?.(state, states)
      const lines = text.split('\n').flatMap((line) => {
        if (LINE.exec(line)?.[1] !== key) return [line]
        return value === undefined ? [] : [`${key}=${value}`]
      })
      await writeAtomically(where(environment), lines.join('\n'))
      return state
    })
  return {
    id: 'env',
    capabilities: { percentage: false, variants: false, metadata: false, segments: false, create: true },
    where,
    list: async (environment) => statesOf(await textOf(where(environment)), environment),
    get: async (key, environment) =>
      statesOf(await textOf(where(environment)), environment).find((flag) => flag.key === key),
    create: ({ key, environment, percentage, owner, type, created }) =>
      withFileLock(where(environment), async () => {
        const text = await textOf(where(environment))
        if (!LINE.test(`${key}=`))
          throw new CliError(
            exit.failed,
            `${key} is not a name for an environment flag: expected FEATURE_NAME`,
            'Rename it.',
          )
        if (statesOf(text, environment).some((flag) => flag.key === key))
          throw new CliError(
            exit.failed,
            `${key} exists already: it is in ${where(environment)}`,
            'Choose another key.',
          )
        const about = `# ${key} owner=${owner} type=${type} created=${created}\n`
        await writeAtomically(where(environment), `${text}${about}${key}=${percentage === 100}\n`)
      }),
    async setPercentage(change, percentage) {
      await write(change, String(percentage === 100))
    },
    target: () =>
      Promise.reject(
        new CliError(exit.failed, 'An environment flag names no users: it is on or off', 'Use flagd.'),
      ),
    describe: () =>
      Promise.reject(
        new CliError(
          exit.failed,
          'The facts about an environment flag are in the comment before its line',
          'Edit the comment: `# FEATURE_NAME owner=TEAM type=release`.',
        ),
      ),
    async kill(change) {
      const before = await write(change, 'false')
      return { before, wasOn: (users) => users.map(() => before.on), also: [] }
    },
    async restore(change, to) {
      await write(change, String(to.on))
    },
    async archive(change) {
      await write(change, undefined)
    },
    async evaluate(key, environment, users) {
      const state = (await this.list(environment)).find((flag) => flag.key === key)
      const on = state?.on ?? false
      return users.map(() => ({ on, variant: undefined, value: on }))
    },
  }
}

/** The flags of such a file as a program gets them in its environment. */
export function environmentOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [, key, value = ''] = LINE.exec(line) ?? []
      return key === undefined ? [] : [[key, value.trim()]]
    }),
  )
}

async function textOf(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return ''
    throw error
  })
}

function statesOf(text: string, environment: string): FlagState[] {
  return text.split('\n').flatMap((line) => {
    const [, key, value = ''] = LINE.exec(line) ?? []
    if (key === undefined) return []
    const on = ON.has(value.trim().toLowerCase())
    const about = new RegExp(`^# ${key} (.*)$`, 'm').exec(text)?.[1] ?? ''
    const word = (name: string): string => new RegExp(`${name}=(\\S+)`).exec(about)?.[1] ?? ''
    const meta = {
      owner: word('owner'),
      type: word('type'),
      created: word('created'),
      expires: word('expires'),
    }
    return [
      {
        key,
        environment,
        percentage: on ? 100 : 0,
        named: { users: [], groups: [] },
        on,
        isKilled: false,
        archived: false,
        version: versionOf(line),
        meta: { ...meta, description: '', changed: '', killed: '', requires: [], tags: [] },
        raw: line,
      },
    ]
  })
}
