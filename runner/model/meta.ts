import * as z from 'zod'
import { parseDuration } from './values/duration.ts'
import { inputsSchema } from './values/input-schema.ts'
import { isLanguageTag } from './values/language-tag.ts'
import { presenceLevels } from './people/presence-level.ts'
import { requirementId } from './requirements-schema.ts'
import { readRequiredCommand } from './requires.ts'

/** When people open a runbook. */
export const moments = ['alert', 'release', 'routine'] as const

const duration = z
  .string()
  .refine(
    (text) => (parseDuration(text) ?? 0) > 0,
    'Unexpected duration, expected a form such as `90s`, `1h30m` or `90d`',
  )

/** Variables from the runner itself begin with RUNBOOK_. */
const variable = z
  .string()
  .regex(
    /^(?!RUNBOOK_)[A-Za-z_]\w*$/,
    'Unexpected variable, expected letters, digits and `_`, and not RUNBOOK_ at the beginning',
  )

const command = z.string().superRefine((text, context) => {
  if (readRequiredCommand(text)) return
  context.addIssue({
    code: 'custom',
    message: `Unexpected command \`${text}\`, expected a name and perhaps a range of versions, such as \`node >= 24\``,
  })
})

const alias = z
  .string()
  .regex(
    /^[^\s?#]+$/,
    'Unexpected address, expected the path of a page such as `old/name`, without `?` and `#`',
  )

/** The requirements before the first effect. */
export const requiresSchema = z
  .strictObject({
    commands: z
      .array(command)
      .optional()
      .describe('Programs, each with an optional version range: `node >= 24`.'),
    env: z.array(z.string()).optional().describe('Environment variables that must be set; steps get them.'),
    optionalEnv: z
      .array(z.string())
      .optional()
      .describe('Environment variables that steps get when they are set; one that is not set stops nothing.'),
    publicEnv: z
      .array(z.string())
      .optional()
      .describe(
        'Those of `env` and `optionalEnv` whose values may be shown; all others are hidden like secrets.',
      ),
    os: z
      .array(z.enum(['linux', 'darwin', 'win32']))
      .optional()
      .describe('Systems the runbook works on.'),
    files: z
      .array(z.string())
      .optional()
      .describe('Files that must exist, relative to the working directory.'),
  })
  .superRefine(({ env = [], optionalEnv = [], publicEnv = [] }, context) => {
    for (const [index, name] of publicEnv.entries()) {
      if (env.includes(name) || optionalEnv.includes(name)) continue
      context.addIssue({
        code: 'custom',
        path: ['publicEnv', index],
        message: `Unexpected variable \`${name}\` in publicEnv, expected one of \`env\` or \`optionalEnv\``,
      })
    }
  })

/** An alert written as a map. */
export const alertFields = z.strictObject({
  name: z.string().min(1).describe('The alert, as its rule names it.'),
  step: z.string().optional().describe('The step its link opens. Default: the top of the page.'),
  severity: z.string().optional().describe('Shown beside the alert.'),
})

const alertSchema = z.union([z.string().transform((alert) => ({ name: alert })), alertFields])

const ending = z.enum(['succeeded', 'failed', 'stopped', 'rolled-back', 'rollback-failed'])

/** How a runbook is practised, and how often that is promised. */
const drillSchema = z
  .strictObject({
    every: duration.optional().describe('How often a drill is promised, such as 90d. Default: no promise.'),
    inputs: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
      .default({})
      .describe('Values of the inputs in a drill: they name the environment where practice is safe.'),
    prepare: z.string().optional().describe('A bash script that makes the environment ready before a drill.'),
    cleanup: z.string().optional().describe('A bash script that runs after a drill, whatever its end.'),
    ends: ending
      .default('succeeded')
      .describe('The expected end of a drill without a fault. Default: succeeded.'),
    faults: z
      .array(
        z.strictObject({
          name: z.string().min(1).describe('One word or a few, for `--fault`.'),
          at: z.string().describe('The step at whose start the fault is injected.'),
          run: z.string().describe('The bash script that injects it.'),
          ends: ending.default('rolled-back').describe('The expected end. Default: rolled-back.'),
        }),
      )
      .default([])
      .describe('Faults to practise.'),
  })
  .describe('How the runbook is practised by `runbook drill`.')

/** The frontmatter of a runbook. */
export const metaSchema = z
  .strictObject({
    title: z.string().min(1, 'Unexpected empty title, expected words').describe('Title of the page.'),
    description: z.string().optional().describe('One sentence: what it is for.'),
    whenToUse: z.string().optional().describe('One sentence: the situation in which it is the right page.'),
    lang: z
      .string()
      .refine(isLanguageTag, 'Unexpected language, expected a tag such as `de` or `zh-CN`')
      .optional()
      .describe('Language of the page, such as `ja` or `zh-CN`. Default: `lang` of the configuration.'),
    owner: z.string().optional().describe('The team that keeps it right.'),
    services: z.array(z.string()).optional().describe('Services it is about.'),
    refs: z
      .array(requirementId)
      .optional()
      .describe('Requirements that it fulfils, such as FR-12, as requirements.yaml lists them.'),
    severity: z.string().optional().describe('How bad it is when this page is needed.'),
    reviewed: z.iso.date().optional().describe('The day somebody last checked it, as YYYY-MM-DD.'),
    reviewEvery: duration.optional().describe('How long a review holds, such as 90d.'),
    drill: drillSchema.optional().describe('How the runbook is practised, and how often that is promised.'),
    inputs: inputsSchema.optional().describe('Typed values the runbook needs.'),
    requires: requiresSchema.optional().describe('Requirements to check before the first effect.'),
    env: z
      .record(variable, z.string())
      .optional()
      .describe('Environment variables for every step, as written.'),
    concurrency: z
      .string()
      .min(1, 'Unexpected empty key, expected a name')
      .optional()
      .describe('Only one unfinished run may hold this key. Default: the slug.'),
    alerts: z.array(alertSchema).optional().describe('Alerts whose links lead here.'),
    diagnoseOnAlert: z
      .boolean()
      .optional()
      .describe(
        'Whether `alerts serve` runs the steps that only read, from where the alert leads, before anybody has looked. Default: false.',
      ),
    aliases: z.array(alias).optional().describe('Old addresses of this page.'),
    budget: duration.optional().describe('The time the whole run is promised to take.'),
    onLate: z
      .enum(['show', 'fail'])
      .optional()
      .describe(
        'Action when the budget is exceeded: `show` it, or `fail` the run at its end. Default: show.',
      ),
    ignore: z.array(z.string()).optional().describe('Codes of warnings that are meant and shall be silent.'),
    moment: z
      .enum(moments)
      .optional()
      .describe(
        'When people open it: after an alert, in a release, or as routine work. The home page groups by it. Default: release, where `counts` is given; alert, where one leads here or a severity is given; else routine.',
      ),
    counts: z
      .enum(['release', 'rollback', 'flag-rollout', 'flag-retirement'])
      .optional()
      .describe(
        'The figure of `runbook stats` in which its runs count. The two of flags compare the input `flag`. Default: none.',
      ),
    close: z
      .literal('second-person')
      .optional()
      .describe('`second-person`: somebody who did not run it reads the finished run and closes it.'),
    presence: z
      .enum(presenceLevels)
      .optional()
      .describe(
        'How surely a person must be there at every decision: `touch` of a security key, or `verified` by it. The strongest of this, the step and runbook.config.ts counts. Default: none.',
      ),
    access: z
      .array(z.string().min(1))
      .optional()
      .describe(
        'Roles that see it and its runs at a hub; others cannot, whatever their rights are. Default: every role with the right.',
      ),
    agents: z
      .literal('write')
      .optional()
      .describe(
        '`write`: an agent may run the steps that change something, where its server allows that too. Default: a person lets each of them run.',
      ),
    selfApproval: z
      .boolean()
      .optional()
      .describe('Whether the person who runs may approve. Only for a lab. Default: false.'),
  })
  .superRefine(({ counts, inputs }, context) => {
    if (!counts?.startsWith('flag-') || inputs?.['flag'] !== undefined) return
    context.addIssue({
      code: 'custom',
      path: ['counts'],
      message: `Unexpected counts \`${counts}\` without an input \`flag\`, which tells one flag from another`,
    })
  })

export type Meta = z.infer<typeof metaSchema>
