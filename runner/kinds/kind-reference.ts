import type * as z from 'zod'
import { commonParams } from '../model/steps/common-params.ts'
import { elementName } from '../model/steps/kind-spec.ts'
import type { FenceSpec } from '../model/steps/kind-spec.ts'
import { scriptLanguages } from '../model/steps/languages.ts'
import type { Kind } from './kind.ts'

/** The reference of a kind as an MDX page, made from its schemas alone. */
export function referencePage(kind: Kind, order: number): string {
  const { name, summary, params, reference } = kind
  const common = Object.fromEntries(
    Object.entries(commonParams().shape).filter(([field]) => !Object.hasOwn(params.shape, field)),
  )
  return (
    [
      `---\ntitle: ${elementName(name)}\ndescription: ${JSON.stringify(summary)}\norder: ${order}\n---`,
      `\`\`\`\`mdx\n${reference.example}\n\`\`\`\``,
      ...(reference.notes ?? []),
      `## Content\n\n${inside(kind)}`,
      ...(reference.fields
        ? [`## ${reference.fields.title}\n\n${table(reference.fields.schema.shape)}`]
        : []),
      `## Its own attributes\n\n${Object.keys(params.shape).length > 0 ? table(params.shape) : 'None.'}`,
      `## Attributes of every step\n\n${table(common)}`,
    ].join('\n\n') + '\n'
  )
}

function inside({ body }: Kind): string {
  if (body.tasks) return 'A Markdown task list, one line `- [ ] …` for each task, and text.'
  if (body.fences.length === 0) return 'Text only.'
  return body.fences.map((fence) => `- ${fenceLine(fence)}`).join('\n')
}

function fenceLine({ role, languages, required }: FenceSpec): string {
  const allowed = languages === 'script' ? scriptLanguages : languages
  const named = allowed.map((language) => `\`${language}\``).join(', ')
  return `${role === 'main' ? 'The fence itself' : `A \`${role}\` fence`}: ${named}${required ? ' (required)' : ''}`
}

function table(shape: Record<string, unknown>): string {
  const rows = Object.entries(shape).map(([name, field]) => {
    const schema = field as z.ZodType
    const required = schema.safeParse(undefined).success ? '' : ' (required)'
    return `| \`${name}\`${required} | ${escape(describe(name, schema))} |`
  })
  return ['| Name | Meaning |', '| --- | --- |', ...rows].join('\n')
}

/** A field that says nothing about itself is a bug of ours, found by the test of the pages. */
function describe(name: string, schema: z.ZodType): string {
  const own = schema.description ?? inner(schema)?.description
  const nested = shapeOf(schema)
  const fields = Object.entries(nested ?? {}).map(
    ([field, value]) => `\`${field}\`: ${(value as z.ZodType).description ?? ''}`,
  )
  if (own === undefined) throw new TypeError(`The field \`${name}\` has no description`)
  return [own, ...fields].join(' ')
}

function inner(schema: z.ZodType): z.ZodType | undefined {
  return (schema as { def?: { innerType?: z.ZodType } }).def?.innerType
}

function shapeOf(schema: z.ZodType): Record<string, unknown> | undefined {
  for (let at: z.ZodType | undefined = schema; at; at = inner(at))
    if ('shape' in at) return at.shape as Record<string, unknown>
  return undefined
}

/** MDX reads braces and angle brackets outside of code as its own. */
function escape(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(/[{}<|]/g, (char) => `\\${char}`)))
    .join('')
}
