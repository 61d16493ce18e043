import type { AstroIntegration } from 'astro'

type Hooks = AstroIntegration['hooks']
type Hook = (options: { logger: { error(message: string): void } }) => unknown

/** The same hooks. Of one that fails, Astro prints the error alone, and not before it that a hook failed. */
export function sayOnce(hooks: Hooks): Hooks {
  const quiet = (Object.entries(hooks) as [string, Hook][]).map(([name, hook]) => [
    name,
    async (options: Parameters<Hook>[0]): Promise<void> => {
      try {
        await hook(options)
      } catch (error) {
        options.logger.error = () => undefined
        throw error
      }
    },
  ])
  return Object.fromEntries(quiet) as Hooks
}
