import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { alertRules } from './alert-rules.ts'
import type { AlertCode } from './alert-rules.ts'

const folder = join(import.meta.dirname, '../../content/docs/errors')

test.each(Object.keys(alertRules) as AlertCode[])(
  'the page of %s says what it is, shows it, and how to fix it',
  (code) => {
    const page = readFileSync(join(folder, `${code.toLowerCase()}.mdx`), 'utf8')
    expect(page).toContain(`title: ${code}\ndescription: ${JSON.stringify(alertRules[code].summary)}`)
    expect(page).toMatch(/\n## Example\n[\s\S]*\n```\n\n## How to fix it\n\n\S/)
  },
)
