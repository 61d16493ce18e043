import type { AstroIntegration } from 'astro'
import { expect, test } from 'vitest'
import { sayOnce } from './say-once.ts'

test('a hook that fails passes its error on, and is not said to have failed as well', async () => {
  const said: string[] = []
  const logger = { error: (message: string) => void said.push(message) }
  const hooks = sayOnce({
    'astro:build:start': () => {
      throw new Error('refused')
    },
    'astro:build:generated': () => undefined,
  })
  const run = (name: keyof AstroIntegration['hooks']): Promise<void> =>
    (hooks[name] as (options: object) => Promise<void>)({ logger })
  await run('astro:build:generated')
  logger.error('heard')
  await expect(run('astro:build:start')).rejects.toThrow('refused')
  logger.error('An unhandled error occurred')
  expect(said).toEqual(['heard'])
})
