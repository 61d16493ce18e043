import * as z from 'zod'
import { CliError } from '../../../runner/kit/error.ts'
import { exit } from '../../../runner/kit/exit.ts'
import { type Change, readChangeset, readCommit, type Versioned } from '../../domain/proposal.ts'
import { pnpmPackages } from '../../domain/pnpm-workspace.ts'
import { git } from '../../lib/git.ts'
import { firstIssue } from '../../../runner/model/first-issue.ts'

const config = z.object({
  fixed: z.array(z.array(z.string())).default([]),
  linked: z.array(z.array(z.string())).default([]),
})
const preMode = z.object({
  mode: z.enum(['pre', 'exit']),
  tag: z.string().regex(/^[a-z]+$/),
  changesets: z.array(z.string()).default([]),
})
const manifest = z.object({
  name: z.string().optional(),
  version: z.string().optional(),
  workspaces: z.array(z.string()).optional(),
  private: z.boolean().optional(),
})

/** The folder `.changeset` of a commit, as changesets defines it. */
export interface Changesets {
  changes: Change[]
  /** Groups of packages that have one version. */
  together: string[][]
  /** The word of the pre-releases, in their mode. */
  pre: string | undefined
}

/** Reads the changesets of a commit. Those that a pre-release had already are left out. @throws {CliError} */
export async function readChangesets(repository: string, commit: string): Promise<Changesets> {
  const names = await filesIn(repository, commit, '.changeset/')
  const text = async (name: string): Promise<string> =>
    await git(repository, ['show', `${commit}:.changeset/${name}`])
  const json = async <T>(name: string, schema: z.ZodType<T>): Promise<T | undefined> => {
    if (!names.includes(name)) return undefined
    const read = schema.safeParse(parsed(await text(name)))
    if (read.success) return read.data
    throw new CliError(
      exit.failed,
      `.changeset/${name} cannot be used: ${firstIssue(read.error)}`,
      'Correct the file, and commit it.',
    )
  }
  const settings = await json('config.json', config)
  const mode = await json('pre.json', preMode)
  const isPre = mode?.mode === 'pre'
  const open = names.filter((name) => name.endsWith('.md') && name !== 'README.md')
  // After the mode has ended, each of them counts for the release.
  const fresh = open.filter((name) => !isPre || !mode.changesets.includes(name.replace(/\.md$/, '')))
  const changes = await Promise.all(fresh.map(async (name) => readChangeset(name, await text(name))))
  return {
    changes: changes.flat(),
    together: [...(settings?.fixed ?? []), ...(settings?.linked ?? [])],
    pre: isPre ? mode.tag : undefined,
  }
}

/** The changes of the commits since a tag; since the first one where there is none. */
export async function readCommits(
  repository: string,
  commit: string,
): Promise<{ since: string | undefined; changes: Change[] }> {
  const since = await git(repository, ['describe', '--tags', '--abbrev=0', commit]).catch(() => undefined)
  const range = since === undefined ? commit : `${since}..${commit}`
  const log = await git(repository, ['log', '-z', '--format=%h%n%B', range])
  const changes = log
    .split('\0')
    .filter((one) => one !== '')
    .map((one) => {
      const [hash = '', ...message] = one.split('\n')
      return readCommit(hash, message.join('\n'))
    })
  return { since, changes }
}

/** The packages of a commit: those of its workspaces, or the one that it is. */
export async function readVersions(repository: string, commit: string): Promise<Versioned[]> {
  const files = (await filesIn(repository, commit, '')).filter((path) => /(?:^|\/)package\.json$/.test(path))
  const read = async (path: string): Promise<z.output<typeof manifest>> =>
    manifest.parse(parsed(await git(repository, ['show', `${commit}:${path}`])))
  const ofPnpm = await git(repository, ['show', `${commit}:pnpm-workspace.yaml`]).catch(() => undefined)
  const workspaces = ofPnpm === undefined ? (await read('package.json')).workspaces : pnpmPackages(ofPnpm)
  const inside = workspaces?.map(
    (pattern) => new RegExp(`^${pattern.split('*').map(RegExp.escape).join('[^/]+')}/package\\.json$`),
  )
  const chosen =
    inside === undefined ? ['package.json'] : files.filter((path) => inside.some((form) => form.test(path)))
  const all = await Promise.all(chosen.map(read))
  return all.flatMap(({ name, version }) =>
    name === undefined || version === undefined ? [] : [{ name, version }],
  )
}

async function filesIn(repository: string, commit: string, folder: string): Promise<string[]> {
  const path = folder === '' ? [] : [folder]
  const listed = await git(repository, ['ls-tree', '-r', '-z', '--full-tree', '--name-only', commit, ...path])
  return listed
    .split('\0')
    .filter((name) => name !== '')
    .map((name) => name.slice(folder.length))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
