import type { Values } from '../../../kit/command.ts'
import type { keys } from '../options.ts'
import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import type { Config } from '../../../config.ts'
import { usualTrust } from '../../../engine/sign/trust.ts'
import type { Trust } from '../../../engine/sign/ssh-keygen.ts'
import { files, listRuns, runFolder } from '../../../journal/record/run-store.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Io } from '../../../kit/io.ts'
import { trustFor } from '../people/keys.ts'
import { findRun } from '../workspace.ts'

/**
 * The folder where the search for the workspace of a reader begins: above the evidence, where they work inside it. The maker of the
 * evidence can have put a configuration into it, which would run, or a list of keys, which would judge itself.
 */
export function readersFolder(name: string, io: Io): string {
  const path = resolve(io.cwd, name)
  const isInside = `${io.cwd}${sep}`.startsWith(`${path}${sep}`)
  return isInside && existsSync(path) ? dirname(path) : io.cwd
}

/** Folders whose evidence is asked for: a run, a bundle, or every run of a state folder. */
export function evidenceFolders(config: Config, name: string, io: Io): string[] {
  const path = resolve(io.cwd, name)
  if (!existsSync(path) || !statSync(path).isDirectory())
    return [runFolder(config.state, findRun(config, name))]
  if (existsSync(join(path, files.journal))) return [path]
  const state = basename(path) === 'runs' ? resolve(path, '..') : path
  const runs = listRuns(state)
  if (runs.length > 0) return runs.map((run) => runFolder(state, run))
  throw new CliError(
    exit.usage,
    `There is no run in ${name}`,
    `A run's folder or a bundle holds ${files.journal}.`,
  )
}

export interface Judge {
  trust: Trust | undefined
  /** Where the list of keys is from, in words. */
  source: string
  /** Whether the reader named the list; if not, whoever made the evidence did. */
  own: boolean
}

/** A list that is named and not there would be a list that lets everything through. */
function listOfKeys(name: string, io: Io): string {
  const path = resolve(io.cwd, name)
  if (existsSync(path)) return path
  throw new CliError(
    exit.usage,
    `There is no file ${name}`,
    'It is a list of keys as `ssh-keygen -Y` reads it.',
  )
}

/** Whose keys count: the list that is given, else the workspace's, else the one the evidence carries itself. */
export function judgeFor(config: Config, folder: string, options: Values<typeof keys>, io: Io): Judge {
  const given = options.allowedSigners
  const revoked = options.revoked
  if (given !== undefined) {
    const signers = listOfKeys(given, io)
    const trust = { signers, ...(revoked === undefined ? {} : { revoked: listOfKeys(revoked, io) }) }
    return { trust, source: `the list you gave, ${given}`, own: true }
  }
  if (revoked !== undefined)
    throw new CliError(
      exit.usage,
      '`--revoked` goes with --allowed-signers',
      'Add --allowed-signers <file>; without it the lists of the workspace count.',
    )
  const own = trustFor(config)
  const { trust, words } = usualTrust(own, folder)
  return { trust, source: own ? `${words}, ${config.allowedSigners}` : words, own: own !== undefined }
}
