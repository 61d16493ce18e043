import { afterEach, expect, test, vi } from 'vitest'
import { coloredCode } from '../data/steps/colored-code.ts'

afterEach(() => vi.restoreAllMocks())

test('code has the same colors on a slow machine', async () => {
  const code = 'for pod in $(kubectl get pods); do echo "$pod"; done'
  const colored = await coloredCode(code, 'bash', [])
  let now = 0
  vi.spyOn(Date, 'now').mockImplementation(() => (now += 1000))
  expect(await coloredCode(code, 'bash', [])).toBe(colored)
  expect(colored).toContain('token-')
})
