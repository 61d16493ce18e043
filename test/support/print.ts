import * as fc from 'fast-check'
import { stringify } from 'yaml'

/** A step as an author thinks of it: no places, no numbers. */
export interface AuthoredStep {
  kind: 'command' | 'check' | 'wait' | 'checklist' | 'approval' | 'http'
  attributes: Record<string, string | number | boolean>
  fences: { role: string; lang: string; flags: string[]; code: string }[]
  tasks: string[]
}

const words = fc.stringMatching(/^[A-Za-zäé诊][A-Za-z0-9äé诊 .,:'&;()-]{0,30}$/).map((text) => text.trim())
const code = fc
  .array(
    fc.constantFrom(
      'true',
      'echo "$x"',
      "printf '%s\\n' a",
      '  indented',
      '# {x} <y>',
      'cat <<EOF',
      '`x`',
      '',
      '{/* x */}',
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((lines) => lines.join('\n').trimEnd())
  // A script of comments alone is refused.
  .filter((text) => text.split('\n').some((line) => /^\s*[^#\s]/.test(line)))
const duration = fc.constantFrom('30s', '5m', '1h30m')

const extras = fc.record(
  {
    timeout: duration,
    retries: fc.integer({ min: 0, max: 5 }),
    idempotent: fc.constant(true),
    // `continue` is not for a step that guards others.
    onFailure: fc.constantFrom('stop', 'rollback'),
  },
  { requiredKeys: [] },
)
const fence = (role: string, flags: string[] = []) =>
  code.map((text) => ({ role, lang: 'bash', flags, code: text }))
const none = fc.constant([])

const shapes = fc.oneof(
  fc
    .tuple(fence('main'), fc.option(fence('done')), fc.option(fence('undo', ['always'])))
    .map(([main, done, undo]) => ({
      kind: 'command' as const,
      own: {},
      fences: [main, ...(done ? [done] : []), ...(undo ? [undo] : [])],
      tasks: [],
    })),
  fence('main').map((main) => ({ kind: 'check' as const, own: {}, fences: [main], tasks: [] })),
  duration.map((value) => ({ kind: 'wait' as const, own: { for: value }, fences: [], tasks: [] })),
  fc
    .array(words, { minLength: 1, maxLength: 3 })
    .map((tasks) => ({ kind: 'checklist' as const, own: {}, fences: [], tasks })),
  fc.tuple(none, fc.integer({ min: 1, max: 3 })).map(([, min]) => ({
    kind: 'approval' as const,
    own: { approvers: 'a, b', min },
    fences: [],
    tasks: [],
  })),
  fc.constantFrom('GET https://a.example/x', 'POST https://a.example/\nA: b\n\n{"x": 1}').map((text) => ({
    kind: 'http' as const,
    own: {},
    fences: [{ role: 'main', lang: 'http', flags: [], code: text }],
    tasks: [],
  })),
)

/** Steps of every shape an author can write. */
export const authoredSteps: fc.Arbitrary<AuthoredStep[]> = fc
  .array(fc.tuple(shapes, words, extras), { minLength: 1, maxLength: 6 })
  .map((steps) =>
    steps.map(([{ kind, own, fences, tasks }, title, more], at) => ({
      kind,
      attributes: { id: `step-${at}`, title, ...own, ...more },
      fences,
      tasks,
    })),
  )

/** Writes steps down as MDX. */
export function print(steps: readonly AuthoredStep[]): string {
  return `---\n${stringify({ title: 'Printed' })}---\n\n${steps.map(printStep).join('\n')}`
}

function printStep({ kind, attributes, fences, tasks }: AuthoredStep): string {
  const name = kind.charAt(0).toUpperCase() + kind.slice(1)
  const list = Object.entries(attributes).map(([key, value]) =>
    typeof value === 'string' ? `${key}="${value.replaceAll('&', '&amp;')}"` : `${key}={${value}}`,
  )
  const blocks = fences.map(
    ({ role, lang, flags, code: text }) =>
      `\`\`\`\`${[lang, ...(role === 'main' ? [] : [role]), ...flags].join(' ')}\n${text}\n\`\`\`\`\n`,
  )
  const items =
    tasks.length > 0
      ? [`${tasks.map((task) => `- [ ] ${task.replaceAll(/[&;():]/g, (char) => `\\${char}`)}`).join('\n')}\n`]
      : []
  return `<${name} ${list.join(' ')}>\n\n${[...blocks, ...items].join('\n')}\n</${name}>\n`
}
