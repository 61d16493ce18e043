import type { Command } from '../command.ts'

/** Commands that make the pages. */
export const siteCommands: readonly Command[] = [
  {
    name: 'site build',
    summary: 'Build the pages of this workspace.',
    positionals: [],
    options: { out: { type: 'string', value: 'folder', summary: 'Where to. Default: dist/site.' } },
    examples: ['runbook site build', 'runbook site build --out public'],
    load: async () => ({ run: (await import('../commands/site.ts')).build }),
  },
  {
    name: 'site dev',
    summary: 'Show the pages on loopback, renewed as files change.',
    positionals: [],
    options: { port: { type: 'string', value: 'number', summary: 'Port. Default: 4321.' } },
    examples: ['runbook site dev', 'runbook site dev --port 8080'],
    load: async () => ({ run: (await import('../commands/site.ts')).dev }),
  },
]
