import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { defaults } from './config-defaults.ts'
import type { ConfigFile } from './config-schema.ts'
import { addKinds } from './kinds/index.ts'
import type { Kind } from './kinds/kind.ts'
import { parseDuration } from './model/duration.ts'
import { ProblemError } from './model/problem.ts'

export interface Config {
  /** Where the configuration was found, or the working directory. */
  root: string
  /** Absolute path of the folder of runbooks. */
  content: string
  /** Absolute path of the state folder. */
  state: string
  /** Absolute path of the list of allowed signers; it need not exist. */
  allowedSigners: string
  revokedKeys: string
  /** Absolute path of the list of people; it need not exist. */
  people: string
  signingKey?: string
  retentionMs: number
  /** BCP 47 tag of the language the runbooks are written in. */
  lang: string
  site?: string
  /** Files, folders and globs of alerting rules, relative to `root`. */
  rules: string[]
  /** Ends with a slash. */
  edit?: string
}

/** A configuration that cannot be used: what, where, what to do. */
export class ConfigError extends ProblemError {
  override name = 'ConfigError'
  constructor(message: string) {
    super({ message, hint: 'Correct the configuration and try again.' }, 2)
  }
}

const name = 'runbook.config.ts'

/**
 * Reads runbook.config.ts from `cwd` or the nearest folder above it up to the repository root; the first found
 * counts alone. The environment variables RUNBOOK_CONTENT, RUNBOOK_STATE and RUNBOOK_ALLOWED_SIGNERS win over it, and everything has a default.
 */
export async function loadConfig(cwd: string, env: Record<string, string | undefined>): Promise<Config> {
  const file = findUp(cwd)
  const fields = file === undefined ? defaults : await readFields(file)
  const root = file === undefined ? cwd : dirname(file)
  const { content, state, site, signingKey, rules, edit }: Fields = fields
  const signers = env['RUNBOOK_ALLOWED_SIGNERS']
  return {
    root,
    content: env['RUNBOOK_CONTENT'] ? resolve(cwd, env['RUNBOOK_CONTENT']) : resolve(root, content),
    state: env['RUNBOOK_STATE'] ? resolve(cwd, env['RUNBOOK_STATE']) : resolve(root, state),
    allowedSigners: signers ? resolve(cwd, signers) : resolve(root, fields.allowedSigners),
    revokedKeys: resolve(root, fields.revokedKeys),
    people: resolve(root, fields.people),
    ...(signingKey === undefined ? {} : { signingKey }),
    lang: fields.lang,
    retentionMs: parseDuration(fields.retention) ?? 0,
    ...(site === undefined ? {} : { site: site.replace(/\/$/, '') }),
    rules,
    ...(edit === undefined ? {} : { edit: edit.replace(/\/?$/, '/') }),
  }
}

type Fields = typeof defaults & Pick<ConfigFile, 'edit' | 'site' | 'signingKey'>

async function readFields(file: string): Promise<Fields> {
  const [{ configSchema }, module] = await Promise.all([import('./config-schema.ts'), importFile(file)])
  const { success, data, error } = configSchema.safeParse(module.default ?? {})
  if (success) {
    addOwn(data.kinds, file)
    return data
  }
  const issue = error.issues[0]
  throw new ConfigError(
    `${file}: ${issue?.path.length ? `\`${issue.path.join('.')}\`: ` : ''}${issue?.message}. Correct it; the fields are ${Object.keys(configSchema.shape).join(', ')}.`,
  )
}

async function importFile(file: string): Promise<{ default?: unknown }> {
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default?: unknown }
  } catch (error) {
    const words = error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : String(error)
    throw new ConfigError(`${file} cannot be loaded: ${words}`)
  }
}

function addOwn(kinds: readonly Kind[], file: string): void {
  try {
    addKinds(kinds)
  } catch (error) {
    throw new ConfigError(`${file}: \`kinds\`: ${(error as Error).message}`)
  }
}

function findUp(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, name))) return join(folder, name)
    if (existsSync(join(folder, '.git')) || dirname(folder) === folder) return undefined
  }
}

/** Types the default export of runbook.config.ts. */
export function defineConfig(config: ConfigFile): ConfigFile {
  return config
}
