import { existsSync } from 'node:fs'
import { createRequire, registerHooks } from 'node:module'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { defaults } from './config-defaults.ts'
import type { Telemetry } from './config-defaults.ts'
import type * as z from 'zod'
import type { ConfigFile, configSchema } from './config-schema.ts'
import type { HubSettings } from './hub-schema.ts'
import { isSingleFile } from './own-files.ts'
import { whyNoFolder } from './make-folder.ts'
import { makeKinds } from './kinds/index.ts'
import type { Kinds } from './kinds/index.ts'
import type { Kind } from './kinds/kind.ts'
import { parseDuration } from './model/values/duration.ts'
import type { Presence } from './model/people/presence-level.ts'
import { ProblemError } from './model/problem.ts'
import { firstIssue } from './model/first-issue.ts'
import { bytesOf } from './regular-file.ts'
import { refuseOfOthers } from './shared-folder.ts'

export interface Config {
  /** Where the configuration was found, or the working directory. */
  root: string
  /** The step kinds, with those that the configuration brings. */
  kinds: Kinds
  /** Absolute path of the folder of runbooks. */
  content: string
  /** Absolute path of the state folder. */
  state: string
  /** Absolute path of the list of allowed signers; it need not exist. */
  allowedSigners: string
  revokedKeys: string
  /** Absolute path of the list of people; it need not exist. */
  people: string
  /** Absolute path of the list of secrets; it need not exist. */
  secrets: string
  /** Least presence that every runbook requires of its decisions. */
  presence: Presence
  signingKey?: string
  retentionMs: number
  /** BCP 47 tag of the language the runbooks are written in. */
  lang: string
  site?: string
  /** Whether the site brings the guide. */
  guide: boolean
  /** Address of the short messages that the status page shows. */
  toasts?: string
  /** The sites that may frame the pages below `/embed/`; without them there are no such pages. */
  embed?: { by: string[] }
  /** Files, folders and globs of alerting rules, relative to `root`. */
  rules: string[]
  telemetry: Telemetry
  /** Ends with a slash. */
  edit?: string
  /** How people sign in to a hub. */
  hub?: HubSettings
  /** Team mode, where it is configured. */
  team?: TeamConfig
}

export interface TeamConfig {
  /** The variable that has the address of the database. */
  variable: string
  /** Its value; undefined where it is not set. */
  database: string | undefined
  /** Runs that a runner drives at once. */
  runs: number
  ships: 'strict' | 'later'
  /** Globs of the addresses of runbooks. */
  accepts: string[]
}

/** A configuration that cannot be used. */
function unusable(message: string): ProblemError {
  return new ProblemError({ message, hint: 'Correct the configuration and try again.' }, 2)
}

const name = 'runbook.config.ts'

/**
 * Reads runbook.config.ts from `cwd` or the nearest folder above it up to the repository root; the first found
 * counts alone. Without one, the nearest folder that holds `content/runbooks` is the root. The environment variables RUNBOOK_CONTENT, RUNBOOK_STATE and RUNBOOK_ALLOWED_SIGNERS win over it, and everything has a default.
 * @param from where the search begins, instead of `cwd`
 */
export async function loadConfig(
  cwd: string,
  env: Record<string, string | undefined>,
  from = cwd,
): Promise<Config> {
  const file = findUp(from, name)
  const { fields, kinds } =
    file === undefined ? { fields: defaults, kinds: makeKinds() } : await readFields(file)
  const root = file === undefined ? rootWithoutConfig(from) : dirname(file)
  refuseOfOthers(root, relativePaths(fields))
  const { content, state, site, toasts, signingKey, rules, edit, team, hub, embed }: Fields = fields
  const signers = env['RUNBOOK_ALLOWED_SIGNERS']
  const stateFolder = env['RUNBOOK_STATE'] ? resolve(cwd, env['RUNBOOK_STATE']) : resolve(root, state)
  refuseImpossible(stateFolder)
  return {
    root,
    kinds,
    content: env['RUNBOOK_CONTENT'] ? resolve(cwd, env['RUNBOOK_CONTENT']) : resolve(root, content),
    state: stateFolder,
    allowedSigners: signers ? resolve(cwd, signers) : resolve(root, fields.allowedSigners),
    revokedKeys: resolve(root, fields.revokedKeys),
    people: resolve(root, fields.people),
    secrets: resolve(root, fields.secrets),
    presence: fields.presence,
    ...(signingKey === undefined ? {} : { signingKey }),
    lang: fields.lang,
    guide: fields.guide,
    retentionMs: parseDuration(fields.retention) ?? 0,
    ...(site === undefined ? {} : { site: site.replace(/\/$/, '') }),
    ...(toasts === undefined ? {} : { toasts }),
    rules,
    telemetry: fields.telemetry,
    ...(edit === undefined ? {} : { edit: edit.replace(/\/?$/, '/') }),
    ...(hub === undefined ? {} : { hub }),
    ...(embed === undefined ? {} : { embed }),
    ...(team === undefined ? {} : { team: teamOf(team, env) }),
  }
}

/** A state folder that cannot be there is a mistake in its name; it does not mean that there are no runs. */
function refuseImpossible(state: string): void {
  const why = whyNoFolder(state)
  if (why === undefined) return
  const hint = 'Name another folder with RUNBOOK_STATE, or with `state` in the configuration.'
  throw new ProblemError({ message: `The state folder \`${state}\` cannot be used: ${why}`, hint }, 2)
}

function teamOf(
  { database, ...rest }: NonNullable<Parsed['team']>,
  env: Record<string, string | undefined>,
): TeamConfig {
  const variable = database.slice('env:'.length)
  return { variable, database: env[variable] || undefined, ...rest }
}

type Fields = typeof defaults &
  Pick<ConfigFile, 'edit' | 'site' | 'signingKey' | 'toasts'> &
  Partial<Pick<Parsed, 'embed' | 'hub' | 'team'>>

/** The fields as their schema reads them. */
type Parsed = z.output<typeof configSchema>

async function readFields(file: string): Promise<{ fields: Fields; kinds: Kinds }> {
  // The loader of modules would wait for a pipe.
  bytesOf(file)
  const [{ configSchema }, module] = await Promise.all([import('./config-schema.ts'), importFile(file)])
  const { success, data, error } = configSchema.safeParse(module.default ?? {})
  if (success) return { fields: data, kinds: kindsOf(data.kinds, file) }
  throw unusable(
    `${file}: ${firstIssue(error)}. Correct it; the fields are ${Object.keys(configSchema.shape).join(', ')}.`,
  )
}

async function importFile(file: string): Promise<{ default?: unknown }> {
  try {
    // The single file has no loader of modules from disk other than `require`, which takes them too.
    if (isSingleFile) return createRequire(file)(file) as { default?: unknown }
    return await importModule(file)
  } catch (error) {
    const words = error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : String(error)
    throw unusable(`${file} cannot be loaded: ${words}`)
  }
}

/**
 * Loads a file and what it imports. npm writes a package.json without a `type`, for which Node would guess the type of
 * each file of TypeScript and print a warning about it: they are modules.
 */
async function importModule(file: string): Promise<{ default?: unknown }> {
  const hooks = registerHooks({
    load: (url, context, next) =>
      // Null is the format of a file that no package.json says the type of; the types of Node omit it.
      next(
        url,
        url.endsWith('.ts') && !context.format ? { ...context, format: 'module-typescript' } : context,
      ),
  })
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default?: unknown }
  } finally {
    hooks.deregister()
  }
}

function kindsOf(own: readonly Kind[], file: string): Kinds {
  try {
    return makeKinds(own)
  } catch (error) {
    throw unusable(`${file}: \`kinds\`: ${(error as Error).message}`)
  }
}

/** Where the folder of a configuration has what decides over runs. */
function relativePaths({ content, state, allowedSigners, revokedKeys, people, secrets }: Fields): string[] {
  return [content, state, allowedSigners, revokedKeys, people, secrets].filter((path) => !isAbsolute(path))
}

/** The nearest folder at or above `cwd` that holds runbooks where they usually are, else `cwd`. */
function rootWithoutConfig(cwd: string): string {
  const content = findUp(cwd, defaults.content)
  return content === undefined ? cwd : resolve(content, relative(defaults.content, '.'))
}

/** The path of what is called so in `cwd` or the nearest folder above it, up to the repository root. */
function findUp(cwd: string, path: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, path))) {
      refuseOfOthers(folder, [path])
      return join(folder, path)
    }
    if (existsSync(join(folder, '.git')) || dirname(folder) === folder) return undefined
  }
}

/** Types the default export of runbook.config.ts. */
export function defineConfig(config: ConfigFile): ConfigFile {
  return config
}
