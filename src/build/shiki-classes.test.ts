import { codeToHtml, createCssVariablesTheme } from 'shiki'
import { afterEach, expect, test, vi } from 'vitest'
import { coloredCode } from '../data/steps/colored-code.ts'
import { shikiClasses } from './shiki-classes.ts'

afterEach(() => vi.restoreAllMocks())

const theme = createCssVariablesTheme({ name: 'css-variables', variablePrefix: '--astro-code-' })

test.each([
  ['a document', (code: string) => codeToHtml(code, { lang: 'bash', theme, transformers: [shikiClasses] })],
  ['a step', (code: string) => coloredCode(code, 'bash', [])],
])('code of %s has the same colors on a slow machine', async (_, color) => {
  const code = 'for pod in $(kubectl get pods); do echo "$pod"; done'
  const colored = await color(code)
  let now = 0
  vi.spyOn(Date, 'now').mockImplementation(() => (now += 1000))
  expect(await color(code)).toBe(colored)
  expect(colored).toContain('token-')
})
