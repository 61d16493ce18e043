import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as z from 'zod'
import { parseDuration } from './model/duration.ts'

export const configSchema = z.strictObject({
  content: z.string().default('content/runbooks').describe('Folder of the runbooks, relative to this file.'),
  state: z.string().default('.runbook').describe('Folder for journals and locks, relative to this file.'),
  allowedSigners: z
    .string()
    .default('allowed_signers')
    .describe(
      'Who may sign, as `ssh-keygen -Y` reads it. Where it exists, approvals and heads must be signed.',
    ),
  revokedKeys: z
    .string()
    .default('revoked_keys')
    .describe('Keys that no longer count, whenever they signed.'),
  signingKey: z
    .string()
    .optional()
    .describe('Path of a key, `agent`, or `none`. Default: what git signs with, when that is an SSH key.'),
  people: z
    .string()
    .default('content/people.yaml')
    .describe('Who has which role, relative to this file. Without it approvals name people directly.'),
  retention: z
    .string()
    .refine((text) => parseDuration(text) !== undefined, 'Unexpected duration, expected a form such as `90d`')
    .default('90d')
    .describe('How long `gc` keeps a run at least.'),
  site: z.url().optional().describe('Address of the published site, for links in messages.'),
  rules: z
    .array(z.string())
    .default([])
    .describe(
      'Files, folders and globs of alerting rules, relative to this file: the site shows their expressions.',
    ),
  edit: z
    .url()
    .optional()
    .describe('Address that edits a file once its path is added, such as `https://host/repo/edit/main/`.'),
})

export type ConfigFile = z.input<typeof configSchema>

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
  site?: string
  /** Files, folders and globs of alerting rules, relative to `root`. */
  rules: string[]
  /** Ends with a slash. */
  edit?: string
}

/** A configuration that cannot be used: what, where, what to do. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

const name = 'runbook.config.ts'

/**
 * Reads runbook.config.ts from `cwd` or the nearest folder above it up to the repository root; the first found
 * counts alone. The environment variables RUNBOOK_CONTENT, RUNBOOK_STATE and RUNBOOK_ALLOWED_SIGNERS win over it, and everything has a default.
 */
export async function loadConfig(cwd: string, env: Record<string, string | undefined>): Promise<Config> {
  const file = findUp(cwd)
  const written =
    file === undefined
      ? {}
      : ((await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default?: unknown }).default
  const parsed = configSchema.safeParse(written ?? {})
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new ConfigError(
      `${file}: \`${issue?.path.join('.')}\`: ${issue?.message}. Correct it; the fields are ${Object.keys(configSchema.shape).join(', ')}.`,
    )
  }
  const root = file === undefined ? cwd : dirname(file)
  const { content, state, site, signingKey, rules, edit } = parsed.data
  const signers = env['RUNBOOK_ALLOWED_SIGNERS']
  return {
    root,
    content: env['RUNBOOK_CONTENT'] ? resolve(cwd, env['RUNBOOK_CONTENT']) : resolve(root, content),
    state: env['RUNBOOK_STATE'] ? resolve(cwd, env['RUNBOOK_STATE']) : resolve(root, state),
    allowedSigners: signers ? resolve(cwd, signers) : resolve(root, parsed.data.allowedSigners),
    revokedKeys: resolve(root, parsed.data.revokedKeys),
    people: resolve(root, parsed.data.people),
    ...(signingKey === undefined ? {} : { signingKey }),
    retentionMs: parseDuration(parsed.data.retention) ?? 0,
    ...(site === undefined ? {} : { site: site.replace(/\/$/, '') }),
    rules,
    ...(edit === undefined ? {} : { edit: edit.replace(/\/?$/, '/') }),
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
