import * as z from 'zod'
import { defaults } from './config-defaults.ts'
import type { Kind } from './kinds/kind.ts'
import { hubSchema } from './hub-schema.ts'
import { presenceLevels } from './model/people/presence-level.ts'
import { parseDuration } from './model/values/duration.ts'
import { isLanguageTag } from './model/values/language-tag.ts'

/** Audits ask about a quarter. */
const leastRetentionMs = 90 * 86_400_000

/** The fields of runbook.config.ts. */
export const configSchema = z.strictObject({
  content: z.string().default(defaults.content).describe('Folder of the runbooks, relative to this file.'),
  state: z.string().default(defaults.state).describe('Folder for journals and locks, relative to this file.'),
  allowedSigners: z
    .string()
    .default(defaults.allowedSigners)
    .describe(
      'Who may sign, as `ssh-keygen -Y` reads it. Where it exists, approvals and heads must be signed.',
    ),
  revokedKeys: z
    .string()
    .default(defaults.revokedKeys)
    .describe('Keys that no longer count, whenever they signed.'),
  presence: z
    .enum(presenceLevels)
    .default('none')
    .describe(
      'Least presence that every runbook requires of its decisions: `touch` of a security key, or `verified` by it.',
    ),
  signingKey: z
    .string()
    .optional()
    .describe('Path of a key, `agent`, or `none`. Default: what git signs with, when that is an SSH key.'),
  people: z
    .string()
    .default(defaults.people)
    .describe('Who has which role, relative to this file. Without it approvals name people directly.'),
  secrets: z
    .string()
    .default(defaults.secrets)
    .describe('Where the values of `secret://` references are, relative to this file.'),
  retention: z
    .string()
    .refine((text) => parseDuration(text) !== undefined, 'Unexpected duration, expected a form such as `90d`')
    .refine(
      (text) => (parseDuration(text) ?? Infinity) >= leastRetentionMs,
      'Unexpected retention, expected at least `90d`: a run is the evidence of what was done',
    )
    .default(defaults.retention)
    .describe('How long `gc` keeps a run at least; 90d or more.'),
  lang: z
    .string()
    .refine(isLanguageTag, 'Unexpected language, expected a tag such as `en` or `zh-CN`')
    .default(defaults.lang)
    .describe(
      'Language the runbooks are written in, such as `de` or `zh-CN`: pages say it to browsers and screen readers.',
    ),
  site: z.url().optional().describe('Address of the published site, for links in messages.'),
  guide: z
    .boolean()
    .default(defaults.guide)
    .describe('Whether the site has the guide to runbook too, in its pages and its search. Default: true.'),
  telemetry: z
    .strictObject({
      traces: z
        .url()
        .optional()
        .describe(
          'Receiver of OTLP/JSON, such as `http://localhost:4318`: each run that ends is sent as a trace.',
        ),
      events: z
        .url()
        .optional()
        .describe(
          'Webhook that takes CloudEvents: starts, pauses, approvals and ends of runs are sent as they happen.',
        ),
    })
    .default(defaults.telemetry)
    .describe(
      'Receivers outside that are told about runs. No run waits for one or fails for one. Default: none.',
    ),
  embed: z
    .strictObject({
      by: z
        .array(
          z
            .string()
            .regex(
              /^https?:\/\/(?:\*\.)?[a-z\d.-]+(?::\d+)?$/i,
              'Unexpected site, expected an origin such as `https://backstage.example`',
            ),
        )
        .min(1)
        .describe('Origins of the sites that may frame these pages, such as `https://backstage.example`.'),
    })
    .optional()
    .describe(
      'Pages below `/embed/` without header and navigation, for frames of other sites. Default: none are built.',
    ),
  toasts: z
    .url()
    .optional()
    .describe(
      'Address of the messages that `scripts/toasts.ts` sends, such as `https://status.example.com/toasts`: the status page shows them.',
    ),
  rules: z
    .array(z.string())
    .default(defaults.rules)
    .describe(
      'Files, folders and globs of alerting rules, relative to this file: the site shows their expressions.',
    ),
  kinds: z
    .array(z.custom<Kind>((value) => typeof value === 'object' && value !== null && 'run' in value))
    .default([])
    .describe('Step kinds of your own, made with `defineKind`.'),
  team: z
    .strictObject({
      database: z
        .string()
        .regex(/^env:[A-Za-z_]\w*$/, 'Unexpected database, expected `env:` and the name of a variable')
        .describe('The variable that has the address of PostgreSQL, such as `env:RUNBOOK_DATABASE_URL`.'),
      runs: z.int().min(1).max(100).default(4).describe('How many runs a runner drives at once.'),
      ships: z
        .enum(['strict', 'later'])
        .default('strict')
        .describe(
          'Whether an ordered run waits while the database is away (`strict`), or goes on and ships its journal `later`.',
        ),
      accepts: z
        .array(z.string().regex(/^[a-z0-9/_*-]+$/, 'Unexpected pattern, expected an address with `*`'))
        .default(['*'])
        .describe('The runbooks that a runner takes orders for; `*` stands for any text.'),
    })
    .optional()
    .describe('Team mode: several machines that share one PostgreSQL.'),
  hub: hubSchema
    .optional()
    .describe('How people sign in to `runbook serve --hub`. Default: there is no hub.'),
  edit: z
    .url()
    .optional()
    .describe('Address that edits a file once its path is added, such as `https://host/repo/edit/main/`.'),
})

export type ConfigFile = z.input<typeof configSchema>
